import { expect, test } from 'vitest';
import { type DrainView, drainEvidence, isCordonedAndEmpty, type NodeView, type PodView } from './drain.ts';

const pod = (more: Partial<PodView> = {}): PodView => ({
  name: 'web',
  finished: false,
  ofDaemonSet: false,
  mirror: false,
  evicted: false,
  createdMs: undefined,
  ...more,
});
const node = (more: Partial<NodeView> = {}): NodeView => ({
  exists: true,
  unschedulable: true,
  cordonedAt: undefined,
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
  [
    'a node whose object is gone was not uncordoned',
    node({ exists: false, unschedulable: false }),
    view({ saved: { reason: 'Evicted', since: at } }),
    'Evicted',
  ],
  [
    'what was seen with this cordon stays true, whatever pods came that tolerate it',
    node({ cordonedAt: at, pods: [pod({ createdMs: 200_000 })] }),
    view({ saved: { reason: 'Evicted', since: at, cordonedAt: at } }),
    'Evicted',
  ],
  [
    'what was seen with another cordon counts no more',
    node({ cordonedAt: new Date(200_000).toISOString(), pods: [pod()] }),
    view({ saved: { reason: 'Evicted', since: at, cordonedAt: at } }),
    undefined,
  ],
  [
    'a cordon whose taint is not there yet is not the one that had it',
    node({ pods: [pod()] }),
    view({ saved: { reason: 'Evicted', since: at, cordonedAt: at } }),
    undefined,
  ],
  [
    'a taint that followed its cordon a moment later is of the same one',
    node({ cordonedAt: new Date(101_000).toISOString(), pods: [pod()] }),
    view({ saved: { reason: 'Evicted', since: at } }),
    'Evicted',
  ],
  [
    'a taint of long after is of another cordon',
    node({ cordonedAt: new Date(200_000).toISOString(), pods: [pod()] }),
    view({ saved: { reason: 'Evicted', since: at } }),
    undefined,
  ],
  [
    'without a taint, a pod that came since tells of an uncordon',
    node({ pods: [pod({ createdMs: 101_000 })] }),
    view({ saved: { reason: 'Evicted', since: at } }),
    undefined,
  ],
  [
    'without a taint, a pod that was there before tells of none',
    node({ pods: [pod({ createdMs: 99_000 })] }),
    view({ saved: { reason: 'Evicted', since: at } }),
    'Evicted',
  ],
])('%s', (_why, node, view, reason) => {
  expect(drainEvidence(node, view)?.reason).toBe(reason);
});

test('pods that no drain evicts leave a node empty', () => {
  const pods = [pod({ ofDaemonSet: true }), pod({ mirror: true }), pod({ finished: true })];
  expect(isCordonedAndEmpty(node({ pods }))).toBe(true);
  expect(isCordonedAndEmpty(node({ pods: [...pods, pod()] }))).toBe(false);
});
