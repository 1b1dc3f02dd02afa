import { status } from '@grpc/grpc-js';

/** Codes that a CSI call is refused with, as the specification names them. */
export type CsiCode =
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'RESOURCE_EXHAUSTED'
  | 'DEADLINE_EXCEEDED'
  | 'UNAVAILABLE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL';

/**
 * A CSI call is refused. The message reaches a person in an Event on the claim or the pod: it says what happened, why, and
 * what to do.
 */
export class CsiError extends Error {
  readonly code: CsiCode;

  constructor(code: CsiCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'CsiError';
    this.code = code;
  }

  get grpcCode(): status {
    return status[this.code];
  }
}
