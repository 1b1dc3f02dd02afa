import type { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import type { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import type { LocalVolume } from '../../api/local-volume.schema.ts';
import type { LocalVolumeEvent } from '../../machines/index.ts';
import { explainRefusals, type Placement } from '../placement.ts';
import type { Why } from '../progress.ts';

export interface VolumeFacts {
  /** Every replica object of the volume. */
  readonly replicas: readonly LocalVolumeReplica[];
  readonly record: LocalVolumeWriter | undefined;
  /** Moves of the volume that hold something. */
  readonly moves: readonly string[];
  /** Asked only while no config was decided. */
  readonly placement: Placement | undefined;
}

export interface VolumeSight extends Why {
  readonly event: LocalVolumeEvent;
}

const sight = (event: LocalVolumeEvent, reason: string, message: string): VolumeSight => ({ event, reason, message });

/** What was seen of one volume, as the one event that says most; deletion goes first. */
export function volumeSight(volume: LocalVolume, facts: VolumeFacts): VolumeSight {
  if (volume.spec.delete) return deletionSight(facts);
  const nodes = volume.spec.config?.replicas.map(({ hostname }) => hostname) ?? [];
  if (nodes.length === 0) return placementSight(volume, facts.placement);

  const missing = nodes.filter((node) => !facts.replicas.some(({ spec }) => spec.nodeName === node));
  if (missing.length > 0)
    return sight(
      { type: 'replicas.missing', nodes: missing },
      'ReplicaMissing',
      `No replica on ${missing.join(', ')}.`,
    );
  const waiting = facts.replicas.filter(
    ({ spec, status }) => nodes.includes(spec.nodeName) && status?.state !== 'Ready',
  );
  const [first] = waiting;
  if (first !== undefined)
    return sight(
      { type: 'replicas.waiting' },
      'ReplicaNotReady',
      `The replica on ${first.spec.nodeName} is ${first.status?.state ?? 'not looked at yet'}: ${first.status?.message ?? ''}`,
    );
  if (facts.record === undefined)
    return sight(
      { type: 'record.missing' },
      'WriterRecordMissing',
      'Nothing says which copy may be written to. A record that vanished is not a free one: it has to be restored.',
    );
  return sight({ type: 'replicas.ready' }, 'Observed', `Ready on ${nodes.join(', ')}.`);
}

function placementSight(volume: LocalVolume, placement: Placement | undefined): VolumeSight {
  if (volume.spec.replicaNumber !== 1)
    return sight(
      { type: 'placement.refused' },
      'ReplicaNumberNotSupported',
      'Only volumes with one replica are made so far.',
    );
  if (placement !== undefined && 'node' in placement)
    return sight({ type: 'placement.found', nodes: [placement.node] }, 'Placed', `Goes to ${placement.node}.`);
  return sight({ type: 'placement.refused' }, 'NoRoom', explainRefusals(placement?.refusals ?? []).slice(0, 8000));
}

function deletionSight({ replicas, record, moves }: VolumeFacts): VolumeSight {
  if (record !== undefined && !record.spec.delete)
    return record.spec.node === undefined
      ? sight({ type: 'delete.requested' }, 'Deleting', 'The writer record is being closed.')
      : sight(
          { type: 'delete.published' },
          'InUse',
          `Node ${record.spec.node} has the volume open; deletion waits for it.`,
        );
  const unordered = replicas.filter(({ spec }) => !spec.delete);
  if (unordered.length > 0)
    return sight({ type: 'delete.replicas' }, 'Deleting', `Deletes the replicas on ${nodesOf(unordered)}.`);
  if (replicas.length > 0)
    return sight(
      { type: 'delete.waiting' },
      'Deleting',
      `Waits for the replicas on ${nodesOf(replicas)} to be removed.`,
    );
  if (moves.length > 0) return sight({ type: 'delete.waiting' }, 'Deleting', `Waits for ${moves.join(', ')} to end.`);
  if (record !== undefined) return sight({ type: 'delete.record' }, 'Deleting', 'The writer record is being removed.');
  return sight({ type: 'delete.clean' }, 'Gone', 'Nothing of the volume is left.');
}

const nodesOf = (replicas: readonly LocalVolumeReplica[]): string =>
  replicas
    .map(({ spec }) => spec.nodeName)
    .sort()
    .join(', ');
