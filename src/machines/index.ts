export { type Decision, type EffectOf, type StateOf, UnknownStateError, decide } from './decide.ts';
export { type DiskEvacuationEvent, diskEvacuationMachine } from './disk-evacuation.machine.ts';
export { type LegEvent, legMachine } from './leg.machine.ts';
export { type LocalDiskClaimEvent, localDiskClaimMachine } from './local-disk-claim.machine.ts';
export { type LocalDiskEvent, localDiskMachine } from './local-disk.machine.ts';
export { type LocalStorageNodeEvent, localStorageNodeMachine } from './local-storage-node.machine.ts';
export { type LocalVolumeMigrateEvent, localVolumeMigrateMachine } from './local-volume-migrate.machine.ts';
export { type LocalVolumeReplicaEvent, localVolumeReplicaMachine } from './local-volume-replica.machine.ts';
export { type LocalVolumeEvent, localVolumeMachine } from './local-volume.machine.ts';
