import type { FaultRule, Verb } from '@dot-kube/operator/testing';

const reads: readonly Verb[] = ['get', 'list'];
const writes: readonly Verb[] = ['create', 'update', 'patch', 'delete'];

const calls = [...reads, ...writes];

/**
 * Every fifth call meets one. Of watches most do, since there are few: else one that is sound would go on for ten
 * minutes. A connection goes silent rarely, as that takes all calls of its process with it for some ten seconds, which
 * is as long as a lease may go without being renewed.
 */
export const faults: readonly FaultRule[] = [
  { verbs: writes, share: 0.04, fault: { kind: 'conflict' } },
  { verbs: reads, share: 0.04, fault: { kind: 'unavailable', retryAfterSeconds: 1 } },
  { verbs: calls, share: 0.03, fault: { kind: 'too many requests', retryAfterSeconds: 1 } },
  { verbs: calls, share: 0.03, fault: { kind: 'internal error' } },
  { verbs: calls, share: 0.03, fault: { kind: 'unavailable' } },
  { verbs: calls, share: 0.03, fault: { kind: 'latency', delay: { fromMs: 20, toMs: 500 } } },
  { verbs: calls, share: 0.02, fault: { kind: 'lost answer' } },
  { verbs: calls, share: 0.0195, fault: { kind: 'cut answer' } },
  { verbs: calls, share: 0.0005, fault: { kind: 'half-open', after: { fromMs: 0, toMs: 20 } } },
  { verbs: ['watch'], share: 0.05, fault: { kind: 'internal error' } },
  { verbs: ['watch'], share: 0.05, fault: { kind: 'too many requests', retryAfterSeconds: 1 } },
  { verbs: ['watch'], share: 0.6, fault: { kind: 'drop', after: { fromMs: 0, toMs: 20_000 } } },
  { verbs: ['watch'], share: 0.05, fault: { kind: 'half-open', after: { fromMs: 0, toMs: 10_000 } } },
];
