import type { LocalDiskClaim, LocalDiskClaimStatus } from '../api/local-disk-claim.schema.ts';
import { progressOf, type Why, withCondition } from './progress.ts';

/** The status of a claim that nobody can do anything about as it is, with why. */
export function pendingClaim(
  { metadata, status: before }: LocalDiskClaim,
  why: Why,
  nowMs: number,
): LocalDiskClaimStatus {
  const known = before === undefined ? undefined : { ...before, state: before.status ?? '' };
  return {
    ...before,
    status: 'Pending',
    ...progressOf(known, 'Pending', why, { nowMs }),
    conditions: withCondition(
      before?.conditions,
      { type: 'Consumed', status: 'False', ...why },
      { nowMs, generation: metadata.generation },
    ),
  };
}
