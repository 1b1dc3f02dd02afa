import type { Fault } from './fault.ts';

type RefusalKind = 'conflict' | 'too many requests' | 'internal error' | 'unavailable';

const refusals: Readonly<Record<RefusalKind, { code: number; reason: string; message: string }>> = {
  conflict: { code: 409, reason: 'Conflict', message: 'the object has been modified (ordered fault)' },
  'too many requests': { code: 429, reason: 'TooManyRequests', message: 'too many requests (ordered fault)' },
  'internal error': { code: 500, reason: 'InternalError', message: 'internal error (ordered fault)' },
  unavailable: { code: 503, reason: 'ServiceUnavailable', message: 'unavailable (ordered fault)' },
};

export interface Refusal {
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** @returns what a server answers that did not do it; undefined for other faults */
export function refusalOf(fault: Fault): Refusal | undefined {
  if (!isRefusal(fault)) return undefined;
  const { code, reason, message } = refusals[fault.kind];
  const retryAfterSeconds = 'retryAfterSeconds' in fault ? fault.retryAfterSeconds : undefined;
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message };
  return {
    code,
    headers: {
      'content-type': 'application/json',
      ...(retryAfterSeconds !== undefined && { 'retry-after': `${retryAfterSeconds}` }),
    },
    body: JSON.stringify(status),
  };
}

function isRefusal(fault: Fault): fault is Extract<Fault, { kind: RefusalKind }> {
  return fault.kind in refusals;
}
