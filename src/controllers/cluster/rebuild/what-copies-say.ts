import type { LocalVolumeReplica } from '../../../api/local-volume-replica.schema.ts';
import { rebuildWithoutAnnotation } from '../../../api/names.ts';
import type { Member } from '../../../api/tags.ts';
import type { Why } from '../../progress.ts';

/** What the copies of one volume say by the tags of their logical volumes, taken together. */
export type CopiesSay =
  | {
      readonly kind: 'known';
      readonly volumeId: string;
      /** Of the writer record when it was last written down. */
      readonly epoch: number;
      /** The copies that hold everything: those of the highest epoch. */
      readonly good: readonly LocalVolumeReplica[];
      /** The only one of them that something has open. */
      readonly writer: Member | undefined;
    }
  /** Nobody may write before that is settled; `good` are those that hold most of what was read. */
  | ({ readonly kind: 'undecided'; readonly good: readonly LocalVolumeReplica[] } & Why);

/**
 * Which copies of a volume hold everything, told by themselves: what its writer record said, should that be gone or from
 * before. Copies that theirs name as equals have to be read too, unless a person said to go on without them.
 * @param copies every replica object of the volume that has no tombstone
 */
export function whatCopiesSay(copies: readonly LocalVolumeReplica[]): CopiesSay {
  const read = copies.filter(({ status }) => status?.recorded !== undefined && status.state !== 'Lost');
  const epoch = Math.max(0, ...read.map(epochOf));
  const good = epoch === 0 ? [] : read.filter((copy) => epochOf(copy) === epoch);

  const ids = [...new Set(copies.flatMap(({ spec }) => spec.volumeId ?? []))];
  const [volumeId] = ids;
  if (volumeId === undefined || ids.length > 1)
    return undecided(
      [],
      'SeveralVolumes',
      `${listOf(copies)} carry one name and are copies of different volumes. Delete those that are not wanted: kubectl patch lvr NAME --type merge -p '{"spec":{"delete":true}}'`,
    );
  const paired = copies.filter(({ spec, status }) => spec.pair !== undefined || status?.pair !== undefined);
  if (paired.length > 0)
    return undecided(
      good,
      'Moving',
      `${listOf(paired)}: the volume moves, so its copies alone don't say which one counts.`,
    );
  if (good.length === 0)
    return undecided(
      [],
      'NoGoodCopy',
      `No copy that was read ever held all data: ${copies.map((copy) => `${copy.metadata.name} is ${copy.status?.state ?? 'not looked at yet'}`).join(', ')}.`,
    );
  const unread = unreadBeside(good, read);
  if (unread.length > 0)
    return undecided(
      good,
      'CopiesUnread',
      `${unread.join(', ')} should have a copy that is as good, and it was not read yet: it may have been written to last. ` +
        `Bring ${unread.length === 1 ? 'the node' : 'these nodes'} back. To go on without what only ${unread.length === 1 ? 'it' : 'they'} may hold: ` +
        `kubectl annotate lvr ${good[0]?.metadata.name} ${rebuildWithoutAnnotation}=${unread.join(',')}`,
    );
  const open = read.filter(({ status }) => status?.inuse === true);
  const [writer] = open;
  if (open.length > 1 || (writer !== undefined && !good.includes(writer)))
    return undecided(
      good,
      'SeveralWriters',
      `${listOf(open)} on ${open.map(({ spec }) => spec.nodeName).join(', ')}: something has a copy open that is not the only good one. End what has it open there (lsof, kubectl get pods -o wide).`,
    );
  return { kind: 'known', volumeId, epoch, good, writer: writer && memberOf(writer) };
}

const undecided = (good: readonly LocalVolumeReplica[], reason: string, message: string): CopiesSay => ({
  kind: 'undecided',
  good,
  reason,
  message,
});

const epochOf = ({ status }: LocalVolumeReplica): number => status?.epoch ?? 0;

export const memberOf = ({ spec, status }: LocalVolumeReplica): Member => ({
  node: spec.nodeName,
  vgUUID: status?.volumeGroupUUID ?? '',
});

/** Nodes that good copies name as equals, and that nothing was read of. */
function unreadBeside(good: readonly LocalVolumeReplica[], read: readonly LocalVolumeReplica[]): string[] {
  const seen = read.map(({ spec }) => spec.nodeName);
  const waived = good.flatMap(({ metadata }) => metadata.annotations?.[rebuildWithoutAnnotation]?.split(',') ?? []);
  const named = good.flatMap(({ status }) => status?.recorded?.inSync ?? []).map(({ node }) => node);
  return [...new Set(named)].filter((node) => !seen.includes(node) && !waived.includes(node)).sort();
}

const listOf = (copies: readonly LocalVolumeReplica[]): string =>
  copies
    .map(({ metadata }) => `lvr ${metadata.name}`)
    .sort()
    .join(', ');
