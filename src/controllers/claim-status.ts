import type { LocalDiskClaim, LocalDiskClaimPhase, LocalDiskClaimStatus } from '../api/local-disk-claim.schema.ts';
import { progressOf, type Why, withCondition } from './progress.ts';

/** After so long in a state that is not its last, a claim is told as overdue. */
const deadlineMs = 300_000;

/** What every status of a claim says: where it is, why, since when and until when. */
export function claimStatus(
  { metadata, status: before }: LocalDiskClaim,
  state: LocalDiskClaimPhase,
  { reason, message }: Why,
  nowMs: number,
): LocalDiskClaimStatus {
  const known = before === undefined ? undefined : { ...before, state: before.status ?? '' };
  const isConsumed = state === 'Consumed';
  const { deadline: _deadline, ...kept } = before ?? {};
  return {
    ...kept,
    status: state,
    ...progressOf(known, state, { reason, message }, { nowMs, ...(isConsumed ? {} : { deadlineMs }) }),
    conditions: withCondition(
      before?.conditions,
      { type: 'Consumed', status: isConsumed ? 'True' : 'False', reason, message },
      { nowMs, generation: metadata.generation },
    ),
  };
}
