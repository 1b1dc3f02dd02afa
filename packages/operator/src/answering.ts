/** An error that is an answer: why, and for how long it makes no sense to ask again. ApiError is one. */
export interface Answering extends Error {
  /** One CamelCase word; '' when none was given. */
  readonly reason: string;
  readonly retryAfterMs?: number | undefined;
}

export const isAnswering = (error: unknown): error is Answering =>
  // Other libraries have reasons too, in words of their own.
  error instanceof Error && 'reason' in error && /^([A-Z][A-Za-z0-9]*)?$/.test(String(error.reason));
