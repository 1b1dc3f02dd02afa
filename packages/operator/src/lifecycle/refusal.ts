import { isConflict, isNotFound } from '../api-error.ts';
import { isAnswering } from '../answering.ts';
import type { Log } from '../log.ts';

/** What went wrong in a pass, as its status tells it. */
export interface Refusal {
  /** One CamelCase word. */
  readonly reason: string;
  readonly message: string;
  readonly retryMs: number;
  readonly error: Error;
  /** Otherwise the error is thrown on when it was told, so that it is logged and counted as a failed pass. */
  readonly foreseen: boolean;
}

const defaultRetryMs = 5_000;
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
    if (isConflict(error) || isNotFound(error) || signal.aborted) throw error;
    const refusal = refusalOf(error);
    if (refusal.foreseen) log.info({ err: error, reason: refusal.reason }, 'Refused; trying again later');
    return { refusal };
  }
}

/** Any error in the words of a status. */
export function refusalOf(thrown: unknown): Refusal {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const message = error.message.slice(0, maxMessageLength);
  if (!isAnswering(error)) return { reason: 'Failed', message, retryMs: defaultRetryMs, error, foreseen: false };
  return {
    reason: error.reason === '' ? 'Refused' : error.reason,
    message,
    retryMs: Math.max(defaultRetryMs, error.retryAfterMs ?? 0),
    error,
    foreseen: true,
  };
}
