import { rfc3339, setCondition } from '@dot-kube/operator';
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

/** A host tool refused an effect: told in status, and tried again when the saved time comes. */
export interface Refused extends Why {
  readonly retryMs: number;
}

/** Runs effects; a host tool's refusal is an answer, anything else is thrown on. */
export async function attempt(effects: () => Promise<void>): Promise<Refused | undefined> {
  try {
    await effects();
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const reason = error.code.toLowerCase().replace(/(^|_)(\w)/g, (_all, _gap, letter: string) => letter.toUpperCase());
    return { reason, message: error.message.slice(0, 8000), retryMs: retryMs[error.retry] };
  }
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

/** The condition that tells what a host tool refused, and whether one did. */
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
