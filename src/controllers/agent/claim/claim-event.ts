import { findCondition } from '@dot-kube/operator';
import type { DiskWipe, LocalDiskClaim } from '../../../api/local-disk-claim.schema.ts';
import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import type { OperatingSystem } from '../../../api/observed/index.ts';
import type { LocalDiskClaimEvent } from '../../../machines/index.ts';
import { type DiskRefusal, isAsked, matchDisks, mayBeWiped } from './claim-match.ts';
import { type DiskContents, isDirty, ordersWiping, wipeOf, wipeRefusal } from './claim-wipe.ts';
import { explainDisks, explainMissingTool, explainTooFew, markWords } from './claim-words.ts';
import { isRecorded, type PoolRecords } from '../pool/pool-records.ts';

export interface ClaimFacts {
  /** Every LocalDisk of the node. */
  readonly disks: readonly LocalDisk[];
  /** Pools by the names of the disks that their volume groups have. */
  readonly pooled: ReadonlyMap<string, string>;
  /** Of the disks that `toLookInto` names. */
  readonly contents: DiskContents;
  /** What the node tells of claims that went into its pools. */
  readonly records: PoolRecords | undefined;
}

/** What was seen of one claim, and the same in words. */
export interface ClaimSight {
  readonly event: LocalDiskClaimEvent;
  readonly reason: string;
  readonly message: string;
  /** What stands on the disks that are to be wiped, to be written down. */
  readonly wipes: readonly DiskWipe[];
  /** Told while disks are chosen: those that are asked for and not taken. */
  readonly others?: readonly DiskRefusal[];
}

/** The disks whose content counts for a claim. */
export function toLookInto(
  claim: LocalDiskClaim,
  { disks, pooled }: Pick<ClaimFacts, 'disks' | 'pooled'>,
): LocalDisk[] {
  if (claim.metadata.deletionTimestamp !== undefined) return [];
  if (isChoosing(claim)) return disks.filter((disk) => mayBeWiped(claim, disk));
  const lacking = ownDisks(claim, { disks, pooled }).filter((name) => !pooled.has(name));
  return disks.filter((disk) => lacking.includes(disk.metadata.name) && disk.spec.state === 'Active' && isDirty(disk));
}

/** What is said of a claim whose node lacks what it takes to look at disks. */
export function missingToolSight(claim: LocalDiskClaim, program: string, system: OperatingSystem): ClaimSight {
  return {
    event: { type: isChoosing(claim) ? 'disks.none' : 'pool.refusing' },
    reason: 'ToolMissing',
    message: explainMissingTool(claim.spec.nodeName, program, system),
    wipes: claim.status?.wipes ?? [],
  };
}

/** What was seen of one claim, as the one event that its saved state waits for; deletion goes first. */
export function claimSight(claim: LocalDiskClaim, facts: ClaimFacts): ClaimSight {
  if (claim.metadata.deletionTimestamp !== undefined) return deletionSight(claim, facts);
  return isChoosing(claim) ? matchingSight(claim, facts) : poolSight(claim, facts);
}

const isChoosing = ({ status }: LocalDiskClaim): boolean => ['', 'Pending'].includes(status?.status ?? '');

function matchingSight(claim: LocalDiskClaim, { disks, contents }: ClaimFacts): ClaimSight {
  const recorded = recordedDisks(claim);
  const { matched, refusals } = matchDisks(claim, disks, contents);
  // A disk that another claim was faster to take leaves the list.
  const kept = recorded.filter((name) => matched.includes(name));
  const { count } = claim.spec.description ?? {};
  const wanted = count ?? (kept.length > 0 ? kept.length : matched.length);
  const ranked = ranking(disks, contents).filter((name) => matched.includes(name) && !kept.includes(name));
  const chosen = [...kept, ...ranked].slice(0, wanted);
  if (count !== undefined && chosen.length < count && recorded.length === 0)
    return {
      event: { type: 'disks.none' },
      reason: 'TooFewDisks',
      message: explainTooFew(claim, disks, matched, count, refusals),
      wipes: [],
    };
  const sight = {
    wipes: disks.filter(({ metadata }) => chosen.includes(metadata.name)).flatMap(wipeIfDirty(claim, contents)),
    others: [
      ...refusals.filter(({ disk: name }) =>
        disks.every((disk) => disk.metadata.name !== name || isAsked(claim, disk)),
      ),
      ...matched
        .filter((name) => !chosen.includes(name))
        .map((name) => ({
          disk: name,
          reason:
            count === undefined
              ? 'came after this claim had chosen its disks; make another claim for it'
              : `fits, and is not needed: ${count} asked for; make another claim for it`,
        })),
    ],
  };
  if (chosen.length === 0 && recorded.length === 0)
    return {
      event: { type: 'disks.none' },
      reason: 'NoDiskMatches',
      message: explainDisks(claim, disks, refusals),
      wipes: [],
    };
  if (chosen.length !== recorded.length || kept.length !== chosen.length)
    return { ...sight, event: { type: 'disks.matched', disks: chosen }, reason: 'Matched', message: takes(chosen) };
  const unclaimed = disks.filter((disk) => chosen.includes(disk.metadata.name) && !isClaimedBy(claim, disk));
  return unclaimed.length > 0
    ? {
        ...sight,
        event: { type: 'disks.recorded', disks: unclaimed.map(({ metadata }) => metadata.name) },
        reason: 'Taking',
        message: takes(chosen),
      }
    : { ...sight, event: { type: 'disks.claimed' }, reason: 'Bound', message: `Has ${chosen.join(', ')}.` };
}

/** Disks in the order in which a claim that asks for some of them takes them: the least is lost and wasted, and it is foreseeable. */
function ranking(disks: readonly LocalDisk[], contents: DiskContents): string[] {
  const isToBeWiped = ({ metadata }: LocalDisk): number => Number(contents.get(metadata.name)?.blank === false);
  const size = ({ spec: { capacity = 0 } }: LocalDisk): number => capacity;
  const path = ({ spec: { devicePath = '' } }: LocalDisk): string => devicePath;
  return disks
    .toSorted(
      (a, b) =>
        isToBeWiped(a) - isToBeWiped(b) ||
        size(a) - size(b) ||
        path(a).length - path(b).length ||
        (path(a) < path(b) ? -1 : 1),
    )
    .map(({ metadata }) => metadata.name);
}

const takes = (names: readonly string[]): string =>
  names.length === 0 ? 'Takes no disk any more.' : `Takes ${names.join(', ')}.`;

/** What stands on a chosen disk. As soon as the disk is among those of the claim, it stays what it was then. */
const wipeIfDirty =
  (claim: LocalDiskClaim, contents: DiskContents) =>
  (disk: LocalDisk): DiskWipe[] => {
    const { name } = disk.metadata;
    const before = claim.status?.wipes?.find((wipe) => wipe.disk === name);
    if (before !== undefined && recordedDisks(claim).includes(name)) return [before];
    const content = contents.get(name);
    return content === undefined || content.blank ? [] : [wipeOf(disk, content)];
  };

function poolSight(claim: LocalDiskClaim, facts: ClaimFacts): ClaimSight {
  const { disks, pooled, records } = facts;
  const recorded = recordedDisks(claim);
  const wipes = (claim.status?.wipes ?? []).map((wipe) => ({ ...wipe, wiped: wipe.wiped || isWiped(wipe, facts) }));
  const has = (names: readonly string[]): string => `The pool has ${names.join(', ')}.`;
  if (claim.status?.status === 'Consumed') {
    // That a disk was taken out of the pool since is no matter of the claim.
    const { reason = 'InPool', message = has(recorded) } = claim.status;
    return { event: { type: 'pool.holding' }, reason, message, wipes };
  }
  const names = ownDisks(claim, facts);
  if (names.length === 0) return lostSight(claim, recorded, wipes);
  if (names.length !== recorded.length || names.some((name) => !recorded.includes(name)))
    return {
      event: { type: 'disks.mislisted', disks: names },
      reason: 'DisksLost',
      message: `Has ${names.join(', ')}, and no longer the others that it took.`,
      wipes,
    };
  const lacking = names.filter((name) => !pooled.has(name));
  if (lacking.length === 0) {
    const pools = names.flatMap((name) => pooled.get(name) ?? []);
    const type = isRecorded(records, claim.spec, pools) ? 'pool.holding' : 'pool.unrecorded';
    return { event: { type }, reason: 'InPool', message: has(names), wipes };
  }
  const wanted = disks.filter(({ metadata }) => lacking.includes(metadata.name));
  const present = wanted.filter(({ spec }) => spec.state === 'Active');
  const away = wanted.filter((disk) => !present.includes(disk)).map(absenceWords);
  const unfit = new Map(present.map((disk) => [disk, unfitness(claim, disk, facts)]));
  // What is wrong with one disk holds no other up.
  const refused = [...away, ...[...unfit.values()].flat()];
  const fit = present.filter((disk) => unfit.get(disk)?.length === 0);
  const dirty = fit.filter((disk) => facts.contents.has(disk.metadata.name) && !isFree(disk, facts));
  if (dirty.length > 0)
    return {
      event: { type: 'pool.dirty', disks: dirty.map(({ metadata }) => metadata.name) },
      reason: 'Wiping',
      message: [...refused, ...dirty.map((disk) => `Takes off ${disk.spec.devicePath}: ${wordsOf(disk, wipes)}.`)].join(
        '\n',
      ),
      wipes,
    };
  const ready = fit.map(({ metadata }) => metadata.name);
  return ready.length > 0
    ? {
        event: { type: 'pool.lacking', disks: ready },
        reason: 'Extending',
        message: [...refused, `Puts ${ready.join(', ')} into the pool.`].join('\n'),
        wipes,
      }
    : {
        event: { type: 'pool.refusing' },
        reason: away.length > 0 ? 'DiskMissing' : 'DiskUnfit',
        message: refused.join('\n'),
        wipes,
      };
}

/**
 * Whoever ordered wiping ordered it for what stood on the disks when they were chosen. A second choice would be one among
 * disks on which something may have come since.
 */
function lostSight(claim: LocalDiskClaim, recorded: readonly string[], wipes: readonly DiskWipe[]): ClaimSight {
  const lost = `No disk is this claim's any more${recorded.length === 0 ? '' : `: ${recorded.join(', ')} went to another claim, or was made anew`}.`;
  const reason = 'DisksLost';
  return ordersWiping(claim)
    ? {
        event: { type: 'pool.refusing' },
        reason,
        message: `${lost} As it orders wiping, it does not choose anew: delete this claim; if what is on the disks now may go, make it again.`,
        wipes,
      }
    : { event: { type: 'disks.lost' }, reason, message: `${lost} It chooses anew.`, wipes: [] };
}

/** Of a disk of the claim that is away: which it is for who stands before the machine, and both ways on. */
function absenceWords({ metadata: { name }, spec }: LocalDisk): string {
  const { preDevicePath, diskAttributes } = spec;
  const known = [
    ...(preDevicePath === undefined ? [] : [`last ${preDevicePath}`]),
    ...(diskAttributes?.serialNumber === undefined ? [] : [`serial number ${diskAttributes.serialNumber}`]),
  ];
  const which = known.length === 0 ? '' : ` (${known.join(', ')})`;
  return `Not plugged in: ${name}${which}. Plug it in again; if it is gone for good: kubectl delete localdisk ${name}, or delete this claim and make it anew.`;
}

/** It was seen blank, or in the pool, which takes no disk that is not. */
const isWiped = ({ disk: name }: DiskWipe, { contents, pooled }: ClaimFacts): boolean =>
  pooled.has(name) || contents.get(name)?.blank === true;

const wordsOf = (disk: LocalDisk, wipes: readonly DiskWipe[]): string => {
  const found = wipes.find((wipe) => wipe.disk === disk.metadata.name);
  return markWords(found?.signatures ?? [], found?.partitions ?? []);
};

/** What speaks against a disk since it was claimed. */
function unfitness(claim: LocalDiskClaim, disk: LocalDisk, facts: ClaimFacts): string[] {
  const { metadata, spec, status } = disk;
  if (spec.reserved === true)
    return [`${metadata.name}: it is reserved since; to have it used, set spec.reserved of its LocalDisk to false.`];
  if (isFree(disk, facts)) return [];
  if (facts.contents.has(metadata.name) && ordersWiping(claim))
    return unwipeable(claim, disk, facts).map((why) => `${metadata.name}: ${why}.`);
  const usable = findCondition(status?.conditions, 'Usable');
  const isFit = usable?.status !== 'False' || usable.reason === 'Claimed';
  return isFit ? [] : [`${metadata.name}: ${usable.message}`];
}

/**
 * It was looked into now, and nothing on it speaks against the pool: not what was cleared since its LocalDisk was brought
 * up to date, nor the label of an extension that was cut short.
 */
function isFree({ metadata }: LocalDisk, { contents }: ClaimFacts): boolean {
  const content = contents.get(metadata.name);
  if (content === undefined || content.blocker !== undefined || content.partitions.length > 0) return false;
  return (
    content.blank || (content.signatures.length > 0 && content.signatures.every(({ type }) => type === 'LVM2_member'))
  );
}

/** What speaks against wiping a disk that the claim has. */
function unwipeable(claim: LocalDiskClaim, disk: LocalDisk, facts: ClaimFacts): string[] {
  const isWrittenDown = claim.status?.wipes?.some((wipe) => wipe.disk === disk.metadata.name && !wipe.wiped);
  if (isWrittenDown !== true)
    return [
      `something is on ${disk.spec.devicePath} that was not there when this claim chose it. If it may go, delete this claim and make it anew`,
    ];
  const why = wipeRefusal(claim, disk, facts);
  return why === undefined ? [] : [why];
}

function deletionSight(claim: LocalDiskClaim, { disks, pooled }: ClaimFacts): ClaimSight {
  const held = disks.filter((disk) => isClaimedBy(claim, disk) && !pooled.has(disk.metadata.name));
  return {
    event: { type: held.length > 0 ? 'delete.requested' : 'delete.released' },
    reason: 'Deleting',
    message: 'Gives back the disks that are in no pool; those in a pool stay in it.',
    wipes: claim.status?.wipes ?? [],
  };
}

const isClaimedBy = (claim: LocalDiskClaim, disk: LocalDisk): boolean =>
  disk.spec.claimRef?.name === claim.metadata.name;

/** The disks that the claim chose, as it wrote them down. */
const recordedDisks = ({ spec }: LocalDiskClaim): string[] =>
  (spec.diskRefs ?? []).flatMap(({ name }) => (name === undefined ? [] : [name]));

/**
 * The disks that are the claim's now: those that name it, and of its list those in a pool, unless they name another. A
 * LocalDisk that was deleted and made anew names nobody, and may be another claim's by now.
 */
function ownDisks(claim: LocalDiskClaim, { disks, pooled }: Pick<ClaimFacts, 'disks' | 'pooled'>): string[] {
  const recorded = recordedDisks(claim);
  const isOwn = (disk: LocalDisk): boolean => {
    const { name } = disk.metadata;
    const isOfNobody = disk.spec.claimRef === undefined;
    return isClaimedBy(claim, disk) || (isOfNobody && recorded.includes(name) && pooled.has(name));
  };
  const own = disks.filter(isOwn).map(({ metadata }) => metadata.name);
  return [...recorded.filter((name) => own.includes(name)), ...own.filter((name) => !recorded.includes(name))];
}
