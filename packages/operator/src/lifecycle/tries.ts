import { findCondition, rfc3339, setCondition, type Condition } from '../conditions.ts';
import { longestRetryMs, type Refusal } from '../refusal.ts';

/** What a status must have room for, so that nothing is stuck in silence. */
export interface Tries {
  /** When what was refused is tried again, RFC 3339; absent: nothing is refused. */
  nextTry?: string;
  conditions?: Condition[];
}

/** The condition that tells what is refused, and whether something is. */
export const stalledType = 'Stalled';

/** What is refused now, if anything is. */
export function stalledOf(status: Pick<Tries, 'conditions'> | undefined): Condition | undefined {
  const stalled = findCondition(status?.conditions, stalledType);
  return stalled?.status === 'True' ? stalled : undefined;
}

interface Times {
  readonly nowMs: number;
  readonly generation: number | undefined;
}

/**
 * For how long the last refusal still holds effects back, in ms; a changed order is tried at once, and so is what was
 * put off for longer than anything is: a clock was wrong.
 */
export function heldBackMs(status: Tries | undefined, { nowMs, generation }: Times): number {
  const stalled = stalledOf(status);
  if (status?.nextTry === undefined || stalled === undefined || stalled.observedGeneration !== generation) return 0;
  const leftMs = Date.parse(status.nextTry) - nowMs;
  return leftMs > longestRetryMs ? 0 : Math.max(0, leftMs);
}

/** A new status that still tells of the last try as the one before it did, where it has nothing to tell itself. */
export function withTryOf<S extends Tries>(status: S, before: Tries | undefined): S {
  const stalled = findCondition(before?.conditions, stalledType);
  const isHeld = before?.nextTry !== undefined;
  if (stalled === undefined || (!isHeld && findCondition(status.conditions, stalledType) !== undefined)) return status;
  const others = (status.conditions ?? []).filter(({ type }) => type !== stalledType);
  return { ...status, ...(isHeld && { nextTry: before.nextTry }), conditions: [...others, stalled] };
}

/** The status after a try: with what was refused and when it is tried again, or without. */
export function withTry<S extends Tries>(status: S, refusal: Refusal | undefined, { nowMs, generation }: Times): S {
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const say = (condition: Pick<Condition, 'status' | 'reason' | 'message'>) =>
    setCondition(status.conditions, { type: stalledType, ...condition, ...observed }, nowMs);
  if (refusal !== undefined) {
    const { reason, message, retryMs } = refusal;
    const conditions = say({ status: 'True', reason, message });
    return { ...status, nextTry: rfc3339(nowMs + retryMs), conditions };
  }
  if (status.nextTry === undefined) return status;
  const { nextTry: _over, ...rest } = status;
  const conditions = say({ status: 'False', reason: 'Done', message: 'Nothing is refused any more.' });
  return { ...rest, conditions } as S;
}
