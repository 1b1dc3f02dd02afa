import { findCondition } from '@dot-kube/operator';
import type { LocalDiskClaim } from '../../api/local-disk-claim.schema.ts';
import type { LocalDisk } from '../../api/local-disk.schema.ts';
import type { LocalDiskClaimEvent } from '../../machines/index.ts';
import { matchDisks } from './claim-match.ts';
import { explainDisks } from './claim-words.ts';

export interface ClaimFacts {
  /** Every LocalDisk of the node. */
  readonly disks: readonly LocalDisk[];
  /** Names of those that a pool's volume group has. */
  readonly pooled: ReadonlySet<string>;
}

/** What was seen of one claim, and the same in words. */
export interface ClaimSight {
  readonly event: LocalDiskClaimEvent;
  readonly reason: string;
  readonly message: string;
}

/** What was seen of one claim, as the one event that its saved state waits for; deletion goes first. */
export function claimSight(claim: LocalDiskClaim, facts: ClaimFacts): ClaimSight {
  const state = claim.status?.status ?? '';
  if (claim.metadata.deletionTimestamp !== undefined) return deletionSight(claim, facts);
  if (state === '' || state === 'Pending') return matchingSight(claim, facts);
  if (state === 'Consumed') return consumedSight(claim);
  return poolSight(claim, facts);
}

function matchingSight(claim: LocalDiskClaim, { disks }: ClaimFacts): ClaimSight {
  const recorded = recordedDisks(claim);
  const { matched, refusals } = matchDisks(claim, disks);
  const names = matched.filter((name) => recorded.length === 0 || recorded.includes(name));
  // A disk that another claim was faster to take leaves the list.
  const kept = recorded.filter((name) => names.includes(name));
  const chosen = recorded.length === 0 ? names : kept;
  if (chosen.length === 0 && recorded.length === 0)
    return { event: { type: 'disks.none' }, reason: 'NoDiskMatches', message: explainDisks(claim, disks, refusals) };
  if (chosen.length === 0 || chosen.length !== recorded.length)
    return {
      event: { type: 'disks.matched', disks: chosen.length === 0 ? matched : chosen },
      reason: 'Matched',
      message: `Takes ${chosen.join(', ')}.`,
    };
  const unclaimed = disks.filter((disk) => chosen.includes(disk.metadata.name) && !isClaimedBy(claim, disk));
  return unclaimed.length > 0
    ? {
        event: { type: 'disks.recorded', disks: unclaimed.map(({ metadata }) => metadata.name) },
        reason: 'Taking',
        message: `Takes ${chosen.join(', ')}.`,
      }
    : { event: { type: 'disks.claimed' }, reason: 'Bound', message: `Has ${chosen.join(', ')}.` };
}

function poolSight(claim: LocalDiskClaim, { disks, pooled }: ClaimFacts): ClaimSight {
  const names = recordedDisks(claim);
  const lacking = names.filter((name) => !pooled.has(name));
  if (lacking.length === 0)
    return { event: { type: 'pool.holding' }, reason: 'InPool', message: `The pool has ${names.join(', ')}.` };
  const missing = lacking.filter(
    (name) => !disks.some((disk) => disk.metadata.name === name && disk.spec.state === 'Active'),
  );
  if (missing.length > 0)
    return {
      event: { type: 'pool.refusing' },
      reason: 'DiskMissing',
      message: `Not plugged in: ${missing.join(', ')}.`,
    };
  const unfit = disks.filter(({ metadata }) => lacking.includes(metadata.name)).flatMap(unfitness);
  if (unfit.length > 0) return { event: { type: 'pool.refusing' }, reason: 'DiskUnfit', message: unfit.join(' ') };
  return {
    event: { type: 'pool.lacking', disks: lacking },
    reason: 'Extending',
    message: `Puts ${lacking.join(', ')} into the pool.`,
  };
}

/** It put its disks into the pool once; that one of them was taken out since is no matter of the claim. */
const consumedSight = ({ status }: LocalDiskClaim): ClaimSight => ({
  event: { type: 'pool.holding' },
  reason: status?.reason ?? 'InPool',
  message: status?.message ?? 'The pool got the disks of this claim.',
});

/** What speaks against a disk since it was claimed, as its own condition tells it. */
function unfitness({ metadata, status }: LocalDisk): string[] {
  const usable = findCondition(status?.conditions, 'Usable');
  const isFit = usable?.status !== 'False' || usable.reason === 'Claimed';
  return isFit ? [] : [`${metadata.name}: ${usable.message}`];
}

function deletionSight(claim: LocalDiskClaim, { disks, pooled }: ClaimFacts): ClaimSight {
  const held = disks.filter((disk) => isClaimedBy(claim, disk) && !pooled.has(disk.metadata.name));
  return {
    event: { type: held.length > 0 ? 'delete.requested' : 'delete.released' },
    reason: 'Deleting',
    message: 'Gives back the disks that are in no pool; those in a pool stay in it.',
  };
}

const isClaimedBy = (claim: LocalDiskClaim, disk: LocalDisk): boolean =>
  disk.spec.claimRef?.name === claim.metadata.name;

/** The disks that the claim chose, as it wrote them down. */
const recordedDisks = ({ spec }: LocalDiskClaim): string[] =>
  (spec.diskRefs ?? []).flatMap(({ name }) => (name === undefined ? [] : [name]));
