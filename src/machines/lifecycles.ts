import type { AnyStateMachine } from 'xstate';
import { diskEvacuationEvents, diskEvacuationMachine } from './disk-evacuation.machine.ts';
import { legEvents, legMachine } from './leg.machine.ts';
import { localDiskActionEvents, localDiskActionMachine } from './local-disk-action.machine.ts';
import { localDiskClaimEvents, localDiskClaimMachine } from './local-disk-claim.machine.ts';
import { localDiskEvents, localDiskMachine } from './local-disk.machine.ts';
import { localStorageNodeEvents, localStorageNodeMachine } from './local-storage-node.machine.ts';
import { localVolumeMigrateEvents, localVolumeMigrateMachine } from './local-volume-migrate.machine.ts';
import { localVolumeReplicaEvents, localVolumeReplicaMachine } from './local-volume-replica.machine.ts';
import { localVolumeEvents, localVolumeMachine } from './local-volume.machine.ts';
import { poolEvents, poolMachine } from './pool.machine.ts';

/** A machine with the meaning of each of its events: what tests, diagrams and people read. */
export interface Lifecycle {
  /** Of its page in `docs/machines`. */
  readonly name: string;
  /** The field that holds the state. */
  readonly field: string;
  readonly machine: AnyStateMachine;
  readonly events: Readonly<Record<string, string>>;
}

/** Every lifecycle there is. */
export const lifecycles: readonly Lifecycle[] = [
  {
    name: 'local-disk',
    field: 'LocalDisk `status.claimState`',
    machine: localDiskMachine,
    events: localDiskEvents,
  },
  {
    name: 'local-disk-action',
    field: 'LocalDiskAction `status.state`',
    machine: localDiskActionMachine,
    events: localDiskActionEvents,
  },
  {
    name: 'disk-evacuation',
    field: 'LocalDisk `status.evacuation.state`',
    machine: diskEvacuationMachine,
    events: diskEvacuationEvents,
  },
  {
    name: 'local-disk-claim',
    field: 'LocalDiskClaim `status.status`',
    machine: localDiskClaimMachine,
    events: localDiskClaimEvents,
  },
  {
    name: 'local-storage-node',
    field: 'LocalStorageNode `status.state`',
    machine: localStorageNodeMachine,
    events: localStorageNodeEvents,
  },
  {
    name: 'pool',
    field: 'LocalStorageNode `status.pools.*.state`',
    machine: poolMachine,
    events: poolEvents,
  },
  {
    name: 'local-volume',
    field: 'LocalVolume `status.state`',
    machine: localVolumeMachine,
    events: localVolumeEvents,
  },
  {
    name: 'local-volume-replica',
    field: 'LocalVolumeReplica `status.state`',
    machine: localVolumeReplicaMachine,
    events: localVolumeReplicaEvents,
  },
  {
    name: 'leg',
    field: 'LocalVolumeReplica `status.pair.state`',
    machine: legMachine,
    events: legEvents,
  },
  {
    name: 'local-volume-migrate',
    field: 'LocalVolumeMigrate `status.state`',
    machine: localVolumeMigrateMachine,
    events: localVolumeMigrateEvents,
  },
];
