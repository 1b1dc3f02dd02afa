import { expect, test } from 'vitest';
import { type DrainView, drainEvidence, isCordonedAndEmpty, type NodeView, type PodView } from './drain.ts';

const pod = (more: Partial<PodView> = {}): PodView => ({
  name: 'web',
  finished: false,
  ofDaemonSet: false,
  mirror: false,
  evicted: false,
  ...more,
});
const node = (more: Partial<NodeView> = {}): NodeView => ({
  exists: true,
  unschedulable: true,
  eviction: undefined,
  pods: [],
  ...more,
});
const view = (more: Partial<DrainView> = {}): DrainView => ({
  saved: undefined,
  emptySinceMs: undefined,
  graceMs: 60_000,
  nowMs: 100_000,
  ...more,
});
const at = new Date(100_000).toISOString();

test.each<[why: string, node: NodeView, view: DrainView, reason: string | undefined]>([
  ['a cordon alone is no drain while a pod is there', node({ pods: [pod()] }), view(), undefined],
  ['a cordoned node without pods has its grace first', node(), view({ emptySinceMs: 50_000 }), undefined],
  ['a cordoned node without pods is drained after its grace', node(), view({ emptySinceMs: 40_000 }), 'NoEvictablePod'],
  ['an evicted pod is a drain at once', node({ pods: [pod({ evicted: true }), pod()] }), view(), 'Evicted'],
  [
    'an evicted pod on a node that takes pods is none',
    node({ unschedulable: false, pods: [pod({ evicted: true })] }),
    view(),
    undefined,
  ],
  [
    'opted out is opted out, whatever was seen',
    node({ eviction: 'disable' }),
    view({ saved: { reason: 'Evicted', since: at } }),
    undefined,
  ],
  [
    'a person may ask on a node that takes pods',
    node({ unschedulable: false, eviction: 'start' }),
    view(),
    'Requested',
  ],
  [
    'taking back the label takes back the asking',
    node({ pods: [pod()] }),
    view({ saved: { reason: 'Requested', since: at } }),
    undefined,
  ],
  [
    'what was seen stays true with new pods on the node',
    node({ pods: [pod()] }),
    view({ saved: { reason: 'Evicted', since: at } }),
    'Evicted',
  ],
  [
    'uncordon clears what was seen',
    node({ unschedulable: false }),
    view({ saved: { reason: 'Evicted', since: at } }),
    undefined,
  ],
])('%s', (_why, node, view, reason) => {
  expect(drainEvidence(node, view)?.reason).toBe(reason);
});

test('pods that no drain evicts leave a node empty', () => {
  const pods = [pod({ ofDaemonSet: true }), pod({ mirror: true }), pod({ finished: true })];
  expect(isCordonedAndEmpty(node({ pods }))).toBe(true);
  expect(isCordonedAndEmpty(node({ pods: [...pods, pod()] }))).toBe(false);
});
