import { ApiError, isConflict, isNotFound, type Log, rfc3339, setCondition } from '@dot-kube/operator';
import type { Condition } from '../api/conditions.ts';
import { CommandError, type RetryRule } from '../node/errors.ts';

/** Why an object is where it is: one CamelCase word, and a sentence. */
export interface Why {
  readonly reason: string;
  readonly message: string;
}

/** What every status that is not final tells: why, since when, until when, and when it is tried again. */
export interface Progress {
  reason?: string;
  message?: string;
  since?: string;
  deadline?: string;
  nextTry?: string;
}

/**
 * The progress fields of a status. `since` moves when the state does; with no deadline the state may last for ever.
 */
export function progressOf(
  before: (Progress & { state?: string }) | undefined,
  state: string,
  why: Why,
  times: { nowMs: number; deadlineMs?: number },
): Progress {
  const since = before?.state === state ? (before.since ?? rfc3339(times.nowMs)) : rfc3339(times.nowMs);
  return {
    reason: why.reason,
    message: why.message,
    since,
    ...(times.deadlineMs === undefined ? {} : { deadline: rfc3339(Date.parse(since) + times.deadlineMs) }),
  };
}

const retryMs: Record<RetryRule, number> = { backoff: 5_000, wait: 20_000, 'give-up': 300_000 };

/** An effect failed: told in status, and tried again when the saved time comes. */
export interface Refused extends Why {
  readonly retryMs: number;
}

/**
 * Runs effects; what one of them fails with is an answer.
 * @throws when it only lost a race, so that the pass is taken up anew, and when the pass itself is over
 */
export async function attempt(
  effects: () => Promise<void>,
  { signal, log }: { signal: AbortSignal; log: Log },
): Promise<Refused | undefined> {
  try {
    await effects();
    return undefined;
  } catch (error) {
    if (isConflict(error) || isNotFound(error) || signal.aborted) throw error;
    if (!(error instanceof CommandError)) log.error({ err: error }, 'An effect failed');
    return refusalOf(error);
  }
}

function refusalOf(error: unknown): Refused {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, 8000);
  if (error instanceof CommandError) {
    const reason = error.code.toLowerCase().replace(/(^|_)(\w)/g, (_all, _gap, letter: string) => letter.toUpperCase());
    return { reason, message, retryMs: retryMs[error.retry] };
  }
  if (error instanceof ApiError)
    return {
      reason: error.reason || 'EffectFailed',
      message,
      retryMs: Math.max(retryMs.backoff, error.retryAfterMs ?? 0),
    };
  return { reason: 'EffectFailed', message, retryMs: retryMs.backoff };
}

type Conditions = readonly Condition[] | undefined;

/** Puts one condition into a list; its transition time moves when the status flips. */
export const withCondition = (
  list: Conditions,
  update: { type: string; status: 'True' | 'False' | 'Unknown' } & Why,
  { nowMs, generation }: { nowMs: number; generation?: number | undefined },
): Condition[] =>
  setCondition(list, { ...update, ...(generation === undefined ? {} : { observedGeneration: generation }) }, nowMs);

export const conditionOf = (list: Conditions, type: string): Condition | undefined =>
  list?.find((condition) => condition.type === type);

/** The condition that tells what an effect failed with, and whether one did. */
export const stalledType = 'Stalled';

/** How long the last refusal still holds effects back, in ms; a changed order tries at once. */
export function heldBackMs(
  status: { nextTry?: string; conditions?: Condition[] } | undefined,
  generation: number | undefined,
  nowMs: number,
): number {
  const stalled = conditionOf(status?.conditions, stalledType);
  if (stalled?.status !== 'True' || stalled.observedGeneration !== generation || status?.nextTry === undefined)
    return 0;
  return Math.max(0, Date.parse(status.nextTry) - nowMs);
}

/** The status after a try: with what was refused and when it is tried again, or without. */
export function withTry<S extends { nextTry?: string; conditions?: Condition[] }>(
  status: S,
  refused: Refused | undefined,
  { nowMs, generation }: { nowMs: number; generation: number | undefined },
): S {
  const { nextTry: _before, ...rest } = status;
  if (refused === undefined) {
    if (conditionOf(status.conditions, stalledType)?.status !== 'True') return rest as S;
    const healed = {
      type: stalledType,
      status: 'False',
      reason: 'Done',
      message: 'The last try went through.',
    } as const;
    return { ...rest, conditions: withCondition(status.conditions, healed, { nowMs, generation }) } as S;
  }
  const { reason, message } = refused;
  const stalled = { type: stalledType, status: 'True', reason, message } as const;
  return {
    ...rest,
    nextTry: rfc3339(nowMs + refused.retryMs),
    conditions: withCondition(status.conditions, stalled, { nowMs, generation }),
  } as S;
}
