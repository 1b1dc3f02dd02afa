import type { LegEvent } from '../../../machines/index.ts';
import { hasDrbd, isOlderCopy, isPublished, isWhole, type ReplicaFacts, type ReplicaWish } from './replica-facts.ts';

/**
 * What was seen of one side of a pair, in the phase that the controller allows; a replica that is deleted is released
 * first. Undefined: there is no pair, or not enough can be seen to say anything.
 */
export function legEvent(wish: ReplicaWish, facts: ReplicaFacts): LegEvent | undefined {
  const { pair, deleted } = wish;
  if (deleted) return facts.group === undefined ? undefined : leavingEvent('release', wish, facts);
  // What a pair left behind goes away with it.
  if (pair === undefined) return hasDrbd(facts) ? leavingEvent('release', wish, facts) : undefined;
  if (facts.data?.marks.ours !== true || !facts.data.volume.active) return undefined;
  if (facts.metadata?.volume.active === false || isOlderCopy(wish, facts)) return undefined;
  const look = {
    Seed: () => seedEvent(pair.moveId, facts),
    Pair: () => pairEvent(pair, wish, facts),
    Cut: () => cutEvent(facts),
    Settle: () => leavingEvent('settle', wish, facts),
    Release: () => leavingEvent('release', wish, facts),
    // Comes with a tombstone; without one there is nothing to do.
    Leave: () => undefined,
  };
  return look[pair.phase]();
}

function seedEvent(moveId: string, { data, metadata, metadataState, resource }: ReplicaFacts): LegEvent {
  if (data?.marks.seeded === moveId) return { type: 'seed.marked' };
  if (resource !== undefined && resource.disk !== 'Diskless') {
    if (resource.disk !== 'UpToDate') return { type: 'seed.disk.inconsistent' };
    return { type: resource.role === 'Primary' ? 'seed.role.primary' : 'seed.unmarked' };
  }
  const isMade = metadata?.marks.ours === true && metadataState !== undefined && metadataState !== 'absent';
  return { type: isMade ? 'seed.resource.down' : 'seed.metadata.absent' };
}

function pairEvent(pair: NonNullable<ReplicaWish['pair']>, wish: ReplicaWish, facts: ReplicaFacts): LegEvent {
  const { data, record, resource } = facts;
  const isMarked =
    pair.role === 'source' ? data?.marks.seeded === pair.moveId : data?.marks.metadataMade === pair.moveId;
  if (resource === undefined && !hasMetadata(facts))
    return { type: isMarked || pair.role === 'source' ? 'pair.metadata.lost' : 'pair.metadata.absent' };
  if (!isMarked) return { type: pair.role === 'source' ? 'pair.metadata.lost' : 'pair.metadata.unmarked' };
  const link = linkOf(facts);
  if (link === 'down') return { type: 'pair.resource.down' };
  if (isWhole(facts) && isEpochOld(wish, facts)) return { type: 'pair.epoch.old' };
  if (link !== 'synced') return { type: `pair.link.${link}` };
  // The writer's own kernel says that the target has everything; while nobody writes, that of the side that the resync ran
  // from does.
  const isWitness = record?.writer === undefined ? pair.role === 'source' : record.writer === wish.node;
  const target = pair.role === 'source' ? pair.peer : wish.node;
  return isWitness && record !== undefined && !record.inSync.some(({ node }) => node === target)
    ? { type: 'pair.link.unrecorded', recordVersion: record.version }
    : { type: 'pair.link.synced' };
}

function cutEvent(facts: ReplicaFacts): LegEvent {
  if (facts.resource === undefined && !hasMetadata(facts)) return { type: 'cut.metadata.lost' };
  const link = linkOf(facts);
  if (link === 'down') return { type: 'cut.resource.down' };
  if (link === 'synced' && facts.resource?.role !== 'Secondary') return { type: 'cut.link.open' };
  return { type: `cut.link.${link}` };
}

function leavingEvent(phase: 'settle' | 'release', wish: ReplicaWish, facts: ReplicaFacts): LegEvent {
  const { data, metadata, resource, file } = facts;
  if (!wish.deleted && isEpochOld(wish, facts)) return { type: `${phase}.epoch.old` };
  if (isPublished(wish, facts)) return { type: `${phase}.open` };
  // Promoted in Seed and left so; the kernel refuses to demote what is open after all.
  if (resource?.role === 'Primary') return { type: `${phase}.role.primary` };
  if (resource !== undefined) return { type: `${phase}.resource.up` };
  if (metadata?.marks.ours === true || file !== undefined) return { type: `${phase}.metadata.present` };
  const hasMarks = data?.marks.seeded !== undefined || data?.marks.metadataMade !== undefined;
  return { type: hasMarks ? `${phase}.marks.left` : `${phase}.clean` };
}

/** The writer record counts on this copy, and its tag does not say so: with the objects lost, nobody would know. */
const isEpochOld = ({ node }: ReplicaWish, { record, data }: ReplicaFacts): boolean =>
  record?.inSync.some((member) => member.node === node) === true &&
  data?.marks.ours === true &&
  (data.marks.epoch ?? 0) < record.epoch;

const hasMetadata = ({ metadata, metadataState }: ReplicaFacts): boolean =>
  metadata?.marks.ours === true && metadataState !== undefined && metadataState !== 'absent';

/** The pair as this side's kernel shows it. */
function linkOf({ resource }: ReplicaFacts): 'down' | 'waiting' | 'syncing' | 'synced' {
  if (resource === undefined || resource.disk === 'Diskless' || resource.connection === 'StandAlone') return 'down';
  if (resource.connection !== 'Connected') return 'waiting';
  const isSynced = resource.disk === 'UpToDate' && resource.peerDisk === 'UpToDate' && resource.outOfSyncBytes === 0;
  return isSynced ? 'synced' : 'syncing';
}
