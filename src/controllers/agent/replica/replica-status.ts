import type { Look } from '@dot-kube/operator';
import type { LocalVolumeReplica, LocalVolumeReplicaStatus } from '../../../api/local-volume-replica.schema.ts';
import type { LegState, LocalVolumeReplicaState } from '../../../api/local-volume-replica.schema.ts';
import type { LocalVolumeReplicaEvent } from '../../../machines/index.ts';
import { withBlock } from '../../deletion-block.ts';
import { progressOf, type Why, withCondition } from '../../progress.ts';
import type { ReplicaFacts } from './replica-facts.ts';
import { replicaWords } from './replica-words.ts';

/** A copy that is not made, mended or removed within this is told as overdue. */
const deadlineMs = 300_000;

interface ReplicaSight {
  readonly event: LocalVolumeReplicaEvent;
  readonly facts: ReplicaFacts;
  readonly block: Why | undefined;
}

interface ReplicaStates {
  readonly life: LocalVolumeReplicaState | undefined;
  /** Absent: no pair. */
  readonly leg: LegState | undefined;
}

/** The status of a replica after one look. */
export function replicaStatus(
  replica: LocalVolumeReplica,
  {
    facts: { event, facts, block },
    state: { life: state = 'Creating', leg },
    nowMs,
  }: Look<ReplicaSight, ReplicaStates>,
): LocalVolumeReplicaStatus {
  const before = replica.status;
  const why = replicaWords[event.type];
  const isReady = state === 'Ready';
  const { data, group, resource } = facts;
  const mine = data?.marks.ours === true ? data.volume : undefined;
  const isFinal = isReady || state === 'Lost' || state === 'Invalid';
  const times = { nowMs, generation: replica.metadata.generation };
  const ready = { type: 'Ready', status: isReady ? 'True' : 'False', ...why } as const;
  const { pair: _pair, reason: _reason, message: _message, since: _since, deadline: _deadline, ...kept } = before ?? {};
  return {
    ...kept,
    state,
    ...progressOf(before, state, why, { nowMs, ...(isFinal ? {} : { deadlineMs }) }),
    synced: state === 'Ready' && (leg === undefined || event.type === 'lv.matched'),
    inuse: mine?.open ?? false,
    // Written down before the logical volume is made: from here on there may be one.
    ...(group === undefined ? {} : { volumeGroupUUID: group.uuid }),
    ...(mine === undefined
      ? {}
      : {
          storagePath: mine.path,
          devPath: resource?.minor === undefined ? mine.path : `/dev/drbd${resource.minor}`,
          allocatedCapacityBytes: mine.sizeBytes,
          logicalVolumeUUID: mine.uuid,
          epoch: data?.marks.epoch ?? 0,
          content: data?.marks.content ?? 'unknown',
          recorded: data?.marks.recorded ?? {},
        }),
    ...(leg === undefined ? {} : { pair: { state: leg, ...kernelView(facts), epoch: data?.marks.epoch ?? 0 } }),
    conditions: withBlock(withCondition(before?.conditions, ready, times), block, times),
  };
}

function kernelView({ resource }: ReplicaFacts) {
  if (resource === undefined) return {};
  const { connection, disk, peerDisk, role, outOfSyncBytes } = resource;
  return { connection, disk, peerDisk, role, outOfSyncBytes };
}
