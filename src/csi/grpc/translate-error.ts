import { ApiError } from '@dot-kube/operator';
import { CommandError } from '../../node/errors.ts';
import { CsiError } from './csi-error.ts';

/**
 * What a caller is told of whatever stopped a call. What was not foreseen counts as passing: the sidecars and kubelet
 * then ask again for the same thing, and nothing is taken for settled.
 */
export function translateError(error: unknown): CsiError {
  if (error instanceof CsiError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof CommandError) {
    // It may yet be at work, so the call must not count as one that did nothing.
    if (error.outcomeUnknown || error.code === 'BUSY') return new CsiError('ABORTED', message, error);
    return new CsiError(error.retry === 'backoff' ? 'ABORTED' : 'INTERNAL', message, error);
  }
  if (error instanceof ApiError) return new CsiError('UNAVAILABLE', message, error);
  return new CsiError('INTERNAL', message, error);
}
