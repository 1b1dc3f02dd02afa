import { rfc3339, setCondition } from '@dot-kube/operator';
import type { Condition } from '../api/conditions.ts';

/** Why an object is where it is: one CamelCase word, and a sentence. */
export interface Why {
  readonly reason: string;
  readonly message: string;
}

/** What every status that is not final tells: why, since when, and until when. */
export interface Progress {
  reason?: string;
  message?: string;
  since?: string;
  deadline?: string;
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

type Conditions = readonly Condition[] | undefined;

/** Puts one condition into a list; its transition time moves when the status flips. */
export const withCondition = (
  list: Conditions,
  update: { type: string; status: 'True' | 'False' | 'Unknown' } & Why,
  { nowMs, generation }: { nowMs: number; generation?: number | undefined },
): Condition[] =>
  setCondition(list, { ...update, ...(generation === undefined ? {} : { observedGeneration: generation }) }, nowMs);
