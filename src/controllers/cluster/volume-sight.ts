import { stalledOf } from '@dot-kube/operator';
import type { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import type { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import type { LocalVolume, LocalVolumeSpec } from '../../api/local-volume.schema.ts';
import { releaseAnnotation } from '../../api/names.ts';
import type { GrowthObstacle } from '../../api/volume-growth.ts';
import type { LocalVolumeEvent } from '../../machines/index.ts';
import { isReleased } from '../deletion-block.ts';
import { explainRefusals, type Placement } from '../placement.ts';
import { type Why } from '../progress.ts';
import { whatCopiesSay } from './rebuild/what-copies-say.ts';

export interface VolumeFacts {
  /** Every replica object of the volume, known by its id. */
  readonly replicas: readonly LocalVolumeReplica[];
  readonly record: LocalVolumeWriter | undefined;
  /** Objects of another volume of this name, whose data were kept when it was released: `kind name`. */
  readonly strangers: readonly string[];
  /** Nodes whose agents do not answer. */
  readonly away: readonly string[];
  /** Moves of the volume that hold something. */
  readonly moves: readonly string[];
  /** Asked only while no config was decided. */
  readonly placement: Placement | undefined;
  /** Copies that are to be larger, with what keeps them from it. */
  readonly growth?: { readonly copies: readonly LocalVolumeReplica[]; readonly obstacle: GrowthObstacle | undefined };
}

export interface VolumeSight extends Why {
  readonly event: LocalVolumeEvent;
}

const sight = (event: LocalVolumeEvent, reason: string, message: string): VolumeSight => ({ event, reason, message });

/** What was seen of one volume, as the one event that says most; deletion goes first. */
export function volumeSight(volume: LocalVolume, facts: VolumeFacts): VolumeSight {
  if (volume.spec.delete) return deletionSight(facts);
  const isUnmade = ['', 'Creating'].includes(volume.status?.state ?? '');
  if (isUnmade && facts.strangers.length > 0)
    return sight({ type: 'name.taken' }, 'NameTaken', nameTaken(volume.metadata.name, facts.strangers));
  const nodes = volume.spec.config?.replicas.map(({ hostname }) => hostname) ?? [];
  if (nodes.length === 0) return placementSight(volume, facts.placement);

  const setBack = setBackSight(facts);
  if (setBack !== undefined) return setBack;
  const missing = nodes.filter((node) => !facts.replicas.some(({ spec }) => spec.nodeName === node));
  if (missing.length > 0 && facts.record !== undefined)
    return sight(
      { type: 'replicas.vanished' },
      'ReplicaMissing',
      `The LocalVolumeReplica on ${missing.join(', ')} is gone, though the volume had data there. It is not made anew, as it would be empty; restore the object.`,
    );
  if (missing.length > 0)
    return sight(
      { type: 'replicas.missing', nodes: missing },
      'ReplicaMissing',
      `No replica on ${missing.join(', ')}.`,
    );
  if (nodes.every((node) => facts.away.includes(node)))
    return sight(
      { type: 'replicas.waiting' },
      'NodeOffline',
      `The agent on ${nodes.join(', ')} does not answer, so nothing can use the volume. It is Ready again when the node is back; see kubectl get lsn.`,
    );
  const waiting = facts.replicas.filter(
    ({ spec, status }) => nodes.includes(spec.nodeName) && status?.state !== 'Ready',
  );
  const [first] = waiting;
  if (first !== undefined)
    return sight(
      { type: 'replicas.waiting' },
      'ReplicaNotReady',
      `The replica on ${first.spec.nodeName} is ${first.status?.state ?? 'not looked at yet'}: ${whyWaiting(first)}`,
    );
  if (facts.record === undefined) {
    const said = whatCopiesSay(facts.replicas);
    return said.kind === 'undecided'
      ? sight(
          { type: 'record.undecided' },
          said.reason,
          `No writer record says which copy may be written to. ${said.message}`,
        )
      : sight(
          { type: 'record.missing' },
          'WriterRecordMissing',
          'No writer record says which copy may be written to; it is made of what the copies say.',
        );
  }
  if (facts.growth !== undefined && facts.growth.obstacle === undefined)
    return sight(
      { type: 'replicas.undersized' },
      'Growing',
      `Grows to ${volume.spec.requiredCapacityBytes} bytes on ${nodesOf(facts.growth.copies)}.`,
    );
  return sight({ type: 'replicas.ready' }, 'Observed', `Ready on ${nodes.join(', ')}.`);
}

/**
 * A copy that names a higher epoch than the record outranks it: objects were restored that are older than the data. While the
 * volume moves its copies are ahead of the record, as they should be.
 */
function setBackSight({ replicas, record, moves }: VolumeFacts): VolumeSight | undefined {
  if (moves.length > 0 || replicas.some(({ spec, status }) => spec.pair !== undefined || status?.pair !== undefined))
    return undefined;
  if (record === undefined || !replicas.some(({ status }) => (status?.epoch ?? 0) > record.spec.epoch))
    return undefined;
  const why = `The writer record is of epoch ${record.spec.epoch}, from before what the copies hold`;
  const { node } = record.spec;
  const said = whatCopiesSay(replicas);
  if (said.kind === 'undecided')
    return sight({ type: 'record.undecided' }, said.reason, `${why}, so nobody is let in. ${said.message}`);
  if (node !== undefined && node !== said.writer?.node)
    return sight(
      { type: 'record.undecided' },
      'RecordSetBack',
      `${why}, and names ${node}, which has nothing of them open as it seems. It is mended once ${node} gives it up.`,
    );
  return sight({ type: 'record.behind' }, 'RecordSetBack', `${why}; it is made anew from what they say.`);
}

const nameTaken = (name: string, strangers: readonly string[]): string =>
  `${strangers.join(', ')} belongs to an earlier volume of this name, whose data were kept. Choose another name; or, if ` +
  `those data may go, ${strangers.map((object) => wayOut(object, name)).join('; ')}.`;

/** A record holds no data, and nobody but the controller writes into it: a person releases it. */
const wayOut = (stranger: string, name: string): string =>
  stranger === `lvw ${name}`
    ? `kubectl annotate lvw ${name} ${releaseAnnotation}=${name}; kubectl delete lvw ${name}`
    : `kubectl patch ${stranger} --type merge -p '{"spec":{"delete":true}}'`;

/** The first field that asks for what is not made so far: a volume without it would not be what was ordered. */
function unsupportedOf({ replicaNumber, convertible, volumeEncrypt, thin, thinOrigin }: LocalVolumeSpec) {
  const asked: [boolean, string, string][] = [
    [
      replicaNumber !== 1,
      'ReplicaNumberNotSupported',
      'spec.replicaNumber: only volumes with one replica are made so far.',
    ],
    [convertible, 'ConvertibleNotSupported', 'spec.convertible: volumes on DRBD from birth are not made so far.'],
    [
      volumeEncrypt?.enable === true,
      'EncryptionNotSupported',
      'spec.volumeEncrypt: encrypted volumes are not made so far.',
    ],
    [
      thin === true || thinOrigin !== undefined,
      'ThinNotSupported',
      'spec.thin, spec.thinOrigin: thin volumes and copies of others are not made so far.',
    ],
  ];
  const found = asked.find(([isAsked]) => isAsked);
  return found && { reason: found[1], message: found[2] };
}

/** What a tool refused says more than what was seen. */
function whyWaiting({ status }: LocalVolumeReplica): string {
  return stalledOf(status)?.message ?? status?.message ?? '';
}

function placementSight(volume: LocalVolume, placement: Placement | undefined): VolumeSight {
  const unsupported = unsupportedOf(volume.spec);
  if (unsupported !== undefined) return sight({ type: 'placement.refused' }, unsupported.reason, unsupported.message);
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
  if (replicas.some(isReleased))
    return sight({ type: 'delete.released' }, 'Deleting', 'Lets go of replicas that were given up.');
  if (replicas.length > 0)
    return sight(
      { type: 'delete.waiting' },
      'Deleting',
      `Waits for the replicas on ${nodesOf(replicas)} to be removed. Of a node that never comes back: ${replicas.map(({ metadata }) => `kubectl annotate lvr ${metadata.name} hwameistor.io/release=${metadata.name}`).join('; ')}.`,
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
