import { isConflict, isNotFound } from './api-error.ts';
import { isAnswering } from './answering.ts';
import type { Log } from './log.ts';

/** What went wrong in a pass, as its status tells it. */
export interface Refusal {
  /** One CamelCase word. */
  readonly reason: string;
  readonly message: string;
  readonly retryMs: number;
  readonly error: Error;
  /** Otherwise the pass is logged and counted as failed. */
  readonly foreseen: boolean;
}

const defaultRetryMs = 5_000;
/** What nobody foresaw is hardly over in a moment. */
const unforeseenRetryMs = 30_000;
/** Whatever is asked for, such as by a clock that was set wrong: nothing rests longer. */
export const longestRetryMs = 600_000;
/** Well below the 32,768 that the API takes as the message of a condition. */
const maxMessageLength = 8000;

/**
 * Runs a part of a pass; what it fails with is an answer.
 * @throws what only lost a race, so that the pass is taken up anew, and anything once the pass itself is over
 */
export async function attempt<T>(
  run: () => Promise<T>,
  { signal, log }: { signal: AbortSignal; log: Log },
): Promise<{ readonly value: T } | { readonly refusal: Refusal }> {
  try {
    return { value: await run() };
  } catch (error) {
    if (lostRace(error) || signal.aborted) throw error;
    const refusal = refusalOf(error);
    if (refusal.foreseen) log.info({ err: error, reason: refusal.reason }, 'Refused; trying again later');
    return { refusal };
  }
}

/** Any error in the words of a status. */
export function refusalOf(thrown: unknown): Refusal {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const message = error.message.slice(0, maxMessageLength);
  if (!isAnswering(error)) return { reason: 'Failed', message, retryMs: unforeseenRetryMs, error, foreseen: false };
  return {
    reason: error.reason === '' ? 'Refused' : error.reason,
    message,
    retryMs: Math.min(longestRetryMs, Math.max(defaultRetryMs, error.retryAfterMs ?? 0)),
    error,
    foreseen: true,
  };
}

/**
 * Someone else was faster: the world is another by now, so the pass is taken up anew. Not so where the server does not
 * serve the kind: that is a 404 without a reason.
 */
export const lostRace = (error: unknown): boolean =>
  isConflict(error) || (isNotFound(error) && error.reason === 'NotFound');
