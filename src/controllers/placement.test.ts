import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { gib, mib } from '../api/units.ts';
import type { PoolRoom } from '../api/pool-rooms.ts';
import { explainRefusals, place } from './placement.ts';

const room = (node: string, freeBytes: number, more: Partial<PoolRoom> = {}): PoolRoom => ({
  node,
  freeBytes,
  freeVolumes: 10,
  ...more,
});
const request = { sizeBytes: gib(1), among: [], except: [] };

describe('place', () => {
  test('takes the node with most room', () => {
    expect(place(request, [room('a', gib(2)), room('b', gib(3)), room('c', gib(1))])).toEqual({ node: 'b' });
  });

  test('does not hang on the order of the nodes when they are equal', () => {
    expect(place(request, [room('b', gib(2)), room('a', gib(2))])).toEqual({ node: 'a' });
  });

  test('needs room for whole extents', () => {
    expect(place({ ...request, sizeBytes: mib(5) }, [room('a', mib(7))])).toHaveProperty('refusals');
    expect(place({ ...request, sizeBytes: mib(5) }, [room('a', mib(8))])).toEqual({ node: 'a' });
  });

  test('tells what speaks against each node', () => {
    const placement = place({ ...request, among: ['a', 'b', 'c', 'd'], except: ['b'] }, [
      room('a', mib(1)),
      room('b', gib(9)),
      room('c', gib(9), { closed: 'is cordoned' }),
      room('d', gib(9), { freeVolumes: 0 }),
      room('e', gib(9)),
    ]);
    expect('refusals' in placement && explainRefusals(placement.refusals)).toBe(
      'No node can take it: a has 1048576 bytes free, 1073741824 are needed; b has the volume already; ' +
        'c is cordoned; d has as many volumes as it may; e not among the nodes asked for.',
    );
  });

  property.prop([
    fc.integer({ min: 1, max: gib(4) }),
    fc.array(fc.record({ node: fc.stringMatching(/^[a-f]$/), freeBytes: fc.nat(gib(4)), freeVolumes: fc.nat(2) })),
  ])('never puts a volume where it does not fit', (sizeBytes, rooms) => {
    const placement = place({ ...request, sizeBytes }, rooms);
    if ('node' in placement)
      expect(rooms.some(({ node, freeBytes }) => node === placement.node && freeBytes >= sizeBytes)).toBe(true);
    else expect(placement.refusals).toHaveLength(rooms.length);
  });
});
