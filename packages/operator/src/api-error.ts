/** Reasons of `metav1.Status` that callers tell apart; servers may send others. */
export type ApiErrorReason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Expired'
  | 'Invalid'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServiceUnavailable'
  | 'Timeout'
  | 'Unknown';

/** One of the things that stand behind a refusal, such as the field that is invalid or the budget that is used up. */
export interface ApiErrorCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface ApiErrorDetails {
  /** How long the server asks to wait before the next try, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly causes?: readonly ApiErrorCause[];
  readonly cause?: unknown;
}

/** The API server's refusal: what was asked, and the status it answered with. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 when the server gave no answer. */
  readonly code: number;
  readonly reason: ApiErrorReason | (string & {});
  readonly retryAfterMs: number | undefined;
  readonly causes: readonly ApiErrorCause[];

  constructor(code: number, reason: string, message: string, details: ApiErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : {});
    this.code = code;
    this.reason = reason;
    this.retryAfterMs = details.retryAfterMs;
    this.causes = details.causes ?? [];
  }
}

/**
 * A refusal as the caller is told of it.
 * @param call what was asked, as {@link callName} says it
 */
export function refusal(
  call: string,
  code: number,
  reason: string,
  message: string,
  details: ApiErrorDetails = {},
): ApiError {
  const status = code === 0 ? reason : `${code} ${reason}`;
  return new ApiError(code, reason, `${call} failed (${status}): ${message}`, details);
}

const causedBy = (error: ApiError, reason: string) => error.causes.some((cause) => cause.reason === reason);

/** Someone else changed the object since it was read; or fields of an apply belong to another manager. */
export const isConflict = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.reason === 'Conflict';

export const isNotFound = (error: unknown): error is ApiError => error instanceof ApiError && error.code === 404;

export const isAlreadyExists = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.reason === 'AlreadyExists';

/** The resourceVersion to watch from is too old: list again. */
export const isExpired = (error: unknown): error is ApiError =>
  error instanceof ApiError && (error.code === 410 || error.reason === 'Expired' || error.reason === 'Gone');

/** An eviction has to wait: a PodDisruptionBudget lets no more pods go now. */
export const isDisruptionBudget = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.code === 429 && causedBy(error, 'DisruptionBudget');
