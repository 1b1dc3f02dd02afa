import type { Pod } from '@dot-kube/operator';
import { expect, test } from 'vitest';
import { type Following, followedValue, targetsOf, waitsFor } from './following.ts';

const pod: Pod = { metadata: { name: 'web', namespace: 'default' } };
const ending: Pod = { metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
const followings: Record<string, Following> = {
  unmovable: { kind: 'unmovable', persistentVolume: 'pv' },
  podless: { kind: 'podless' },
  awaited: { kind: 'awaited' },
  used: { kind: 'used', pod },
  ending: { kind: 'used', pod: ending },
  pending: { kind: 'pending', pod, nodes: ['b', 'c'], refusals: [] },
  pinned: { kind: 'pending', pod, nodes: [], refusals: [{ node: 'b', reason: 'is full' }] },
  placed: { kind: 'placed', pod, node: 'b' },
};

test('what the labels of a volume on node a say, on its source, a cordoned source, and two other nodes', () => {
  const rows = Object.entries(followings).map(([name, following]) => {
    const at = (node: string, takesPods: boolean) =>
      followedValue(node === 'a' ? 'replica' : undefined, following, { node, takesPods }) ?? '-';
    return [name, at('a', true), at('a', false), at('b', true), at('c', true)].join(' ');
  });
  expect(rows).toMatchInlineSnapshot(`
    [
      "unmovable replica replica - -",
      "podless standby replica - -",
      "awaited standby replica - -",
      "used replica replica - -",
      "ending standby replica - -",
      "pending standby replica replica replica",
      "pinned replica replica - -",
      "placed standby standby replica -",
    ]
  `);
});

test('a move is made for a volume without pods to any node, with a placed one to that node, and otherwise not yet', () => {
  expect(Object.entries(followings).map(([name, following]) => [name, targetsOf(following)])).toEqual([
    ['unmovable', undefined],
    ['podless', []],
    ['awaited', undefined],
    ['used', undefined],
    ['ending', undefined],
    ['pending', undefined],
    ['pinned', undefined],
    ['placed', ['b']],
  ]);
});

test('what is waited for is told with the pod, and what the scheduler says', () => {
  expect(waitsFor(followings.pinned)).toMatchObject({
    reason: 'PodUnschedulable',
    message: expect.stringContaining('Pod default/web waits') as string,
    isPinned: true,
  });
  const message = '0/3 nodes are available: 3 Insufficient cpu.';
  const status = { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] };
  const pending = { kind: 'pending', pod: { ...pod, status } as Pod, nodes: ['b'], refusals: [] } as const;
  expect(waitsFor(pending)).toMatchObject({
    reason: 'PodUnschedulable',
    message: expect.stringContaining(message) as string,
    isPinned: false,
  });
});
