import type { LocalVolumeMigrateEvent } from '../../machines/index.ts';
import type { MigrateFacts, SideView } from './migrate-facts.ts';

type Type = LocalVolumeMigrateEvent['type'];

/** What was seen of one move, as the one event that its saved state waits for. */
export const migrateEvent = (state: string, facts: MigrateFacts): LocalVolumeMigrateEvent => ({
  type: typeOf(state, facts),
});

function typeOf(state: string, facts: MigrateFacts): Type {
  if (facts.volume === undefined || facts.volume.deleted) return 'volume.deleted';
  // Another leader handed the volume over meanwhile: what is left is to go on.
  if (state === 'ToBeAborted' && isHanded(facts)) return 'record.handed';
  // Before an abort: with the source gone there is no way back, and this is the only way to the data.
  if (['Paired', 'Synced', 'Cutting', 'ToBeAborted'].includes(state) && facts.sourceIsLost && canGoOn(facts))
    return 'source.lost';
  if (state === 'ToBeAborted') return abortEvent(facts);
  if (state === 'Settling') return settlingEvent(facts);
  if (state === 'Cutting' && isHanded(facts)) return handedEvent(facts, facts.volume.nodes);
  if (facts.abort) return 'abort.requested';
  switch (state) {
    case 'Seeding':
      if (facts.targetIsUnfit) return 'pair.broken';
      return facts.seedIsOverdue ? 'seed.overdue' : seedingEvent(facts);
    case 'Paired':
    case 'Synced':
      return isBroken(facts) ? 'pair.broken' : pairedEvent(facts);
    case 'Cutting':
      return isBroken(facts) ? 'pair.broken' : cuttingEvent(facts);
    default:
      return submittedEvent(facts, facts.volume);
  }
}

function submittedEvent(facts: MigrateFacts, volume: NonNullable<MigrateFacts['volume']>): Type {
  // Not (or no longer) on that node: there is nothing to move.
  if (!volume.nodes.includes(facts.source)) return 'source.wrong';
  const isPublished = facts.record === undefined || facts.record.writer !== undefined;
  const isPaired = facts.sourceSide?.asked !== undefined || facts.sourceSide?.seen !== undefined;
  if (facts.isBlocked || isPublished || isPaired || !volume.ready) return 'volume.busy';
  return facts.hasCandidate ? 'target.chosen' : 'target.refused';
}

function seedingEvent({ sourceSide, moveId }: MigrateFacts): Type {
  if (sourceSide?.asked === undefined || sourceSide.asked.moveId !== moveId) return 'source.unseeded';
  return sourceSide.seen?.state === 'Seeded' ? 'source.seeded' : 'source.seeding';
}

function pairedEvent({ record, target, sourceSide, targetSide }: MigrateFacts): Type {
  if (record?.moveTo !== target) return 'record.unmoved';
  if (sourceSide?.asked?.phase !== 'Pair') return 'source.unpaired';
  const isRecorded = target !== undefined && record?.inSync.includes(target) === true;
  // A copy that the record counts on is not made anew: it would be counted on empty.
  if (targetSide === undefined) return isRecorded ? 'pair.broken' : 'target.missing';
  return isRecorded && isInSync(sourceSide) && isInSync(targetSide) ? 'pair.synced' : 'pair.syncing';
}

function cuttingEvent({ record, target, sourceSide, targetSide }: MigrateFacts): Type {
  if (target === undefined || record?.inSync.includes(target) !== true) return 'target.stale';
  if (sourceSide?.asked?.phase !== 'Cut') return 'source.uncut';
  if (sourceSide.seen?.state !== 'Down') return 'source.cutting';
  // Still connected: the target has not looked since the source left.
  if (targetSide?.seen === undefined || targetSide.seen.connection === 'Connected') return 'source.cutting';
  return targetSide.seen.disk === 'UpToDate' ? 'source.cut' : 'target.stale';
}

function handedEvent(facts: MigrateFacts, nodes: readonly string[]): Type {
  const { source, target, sourceSide } = facts;
  if (target !== undefined && !(nodes.includes(target) && !nodes.includes(source))) return 'record.handed';
  if (sourceSide === undefined) return 'source.gone';
  // A tombstone alone may be a person's: it was not set because the target was seen whole.
  if (sourceSide.deleted && sourceSide.asked?.phase === 'Leave')
    return facts.sourceIsLost ? 'source.absent' : 'source.leaving';
  return isProven(facts) ? 'source.left' : 'target.unproven';
}

function settlingEvent({ targetSide }: MigrateFacts): Type {
  if (targetSide === undefined) return 'target.settling';
  if (targetSide.asked === undefined) return targetSide.seen === undefined ? 'target.plain' : 'target.settling';
  if (targetSide.asked.phase !== 'Settle') return 'target.unsettled';
  return targetSide.seen?.state === 'Released' ? 'target.settled' : 'target.settling';
}

function abortEvent(facts: MigrateFacts): Type {
  const { record, target, sourceSide, targetSide, targetIsAway, moveId } = facts;
  const namesTarget = target !== undefined && (record?.moveTo === target || record?.inSync.includes(target) === true);
  // The target may be writing: only its own agent can say that it stopped.
  if (target !== undefined && record?.writer === target) return 'abort.waiting';
  const isTargetLeft = namesTarget || targetSide?.deleted === false;
  if (isTargetLeft && !isSourceWhole(facts)) return 'abort.unsafe';
  if (namesTarget) return 'abort.record';
  // It may be the only good copy, until the source was seen whole since the record counts on that one alone.
  if (targetSide?.deleted === false && isTagged(sourceSide, record)) return 'abort.target';
  if (targetSide?.deleted === false && sourceSide?.asked?.phase === 'Release') return 'abort.unproven';
  if (sourceSide?.asked !== undefined && sourceSide.asked.moveId === moveId) {
    if (sourceSide.asked.phase !== 'Release') return 'abort.source';
    return sourceSide.seen?.state === 'Released' ? 'abort.settled' : 'abort.waiting';
  }
  if (sourceSide?.asked === undefined && sourceSide?.seen !== undefined) return 'abort.waiting';
  // A target that is away keeps its tombstone, and cleans up when it is back.
  return targetSide === undefined || targetIsAway ? 'abort.clean' : 'abort.waiting';
}

const isHanded = ({ record, target }: MigrateFacts): boolean =>
  record !== undefined && target !== undefined && record.inSync.length === 1 && record.inSync[0] === target;

/**
 * The source is not needed for what was acknowledged: the record counts on the target too, its agent shows that copy whole
 * and tagged so, and nobody writes. That stays so until the record changes, which the hand-over finds out.
 */
export const canGoOn = (facts: MigrateFacts): boolean =>
  facts.record !== undefined &&
  facts.record.writer === undefined &&
  facts.record.inSync.length > 1 &&
  facts.target !== undefined &&
  facts.record.inSync.includes(facts.target) &&
  isProven(facts);

/** The target's agent looked after the hand-over, and found a whole copy: it tagged it with the new epoch. */
const isProven = ({ record, targetSide, targetIsAway }: MigrateFacts): boolean =>
  !targetIsAway &&
  targetSide?.state === 'Ready' &&
  ['UpToDate', 'Consistent'].includes(targetSide.seen?.disk ?? '') &&
  isTagged(targetSide, record);

/** The source's agent answers and shows a whole copy; where DRBD is down, the logical volume is all there is to see. */
const isSourceWhole = ({ sourceSide, sourceIsAway }: MigrateFacts): boolean =>
  !sourceIsAway &&
  sourceSide?.state === 'Ready' &&
  ['UpToDate', 'Consistent'].includes(sourceSide.seen?.disk ?? 'UpToDate');

/** The side's agent wrote the record's epoch down in the tag of its copy: it looked since the record has that epoch. */
const isTagged = (side: SideView | undefined, record: MigrateFacts['record']): boolean =>
  (side?.seen?.epoch ?? 0) >= (record?.epoch ?? Infinity);

const isInSync = ({ seen }: SideView): boolean =>
  seen?.state === 'Synced' &&
  seen.connection === 'Connected' &&
  seen.disk === 'UpToDate' &&
  seen.peerDisk === 'UpToDate';

const isBroken = ({ targetIsUnfit, sourceSide, targetSide }: MigrateFacts): boolean =>
  targetIsUnfit ||
  ['Lost', 'Invalid'].includes(targetSide?.state ?? '') ||
  [sourceSide, targetSide].some((side) => side?.seen?.state === 'Broken');
