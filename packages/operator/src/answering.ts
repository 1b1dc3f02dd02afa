/** An error that is an answer: why, and for how long it makes no sense to ask again. ApiError is one. */
export interface Answering extends Error {
  /** One CamelCase word; '' when none was given. */
  readonly reason: string;
  readonly retryAfterMs?: number | undefined;
}

export const isAnswering = (error: unknown): error is Answering =>
  error instanceof Error && 'reason' in error && typeof error.reason === 'string';
