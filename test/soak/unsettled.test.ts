import { expect, test } from 'vitest';
import type { Box, Part } from './kinds.ts';
import { unsettledIn, type World } from './unsettled.ts';

/** One box of two parts, all of it as wanted but for what is changed. */
function world({ box, status, part, more = [] }: Changed = {}): World {
  const owner = { apiVersion: 'soak.example.io/v1', kind: 'Box', name: 'a', uid: '1' };
  const parts: Part[] = [0, 1].map((index) => ({
    metadata: { name: `a-${index}`, ownerReferences: [owner] },
    spec: { boxName: 'a', index, colour: 7 },
  }));
  const one: Box = {
    metadata: { name: 'a', uid: '1', generation: 3, ...box },
    spec: { parts: 2, colour: 7 },
    status: { observedGeneration: 3, parts: 2, ...status },
  };
  const [first, second] = parts;
  return { boxes: [one], parts: [first!, ...(part === null ? [] : [{ ...second!, ...part }]), ...more] };
}

interface Changed {
  readonly box?: Partial<Box['metadata']>;
  readonly status?: Partial<Box['status']>;
  /** Of the second; null: it is not there. */
  readonly part?: Partial<Part> | null;
  readonly more?: readonly Part[];
}

const stray = (boxName: string, index: number): Part => ({
  metadata: { name: 'stray', ownerReferences: [] },
  spec: { boxName, index, colour: 7 },
});

test('a box with all its parts and a true status is settled', () => {
  expect(unsettledIn(world(), ['a'])).toEqual([]);
});

test.each<[string, Changed, string[]]>([
  ['is being deleted', { box: { deletionTimestamp: 'now' } }, ['Box a is being deleted']],
  ['has a status of before', { status: { observedGeneration: 2 } }, ['Box a is at generation 3, and its status of 2']],
  ['has a status that is not true', { status: { parts: 1 } }, ['Box a has 2 parts, and 1 in its status']],
  ['lacks a part', { part: null, status: { parts: 1 } }, ['Box a wants 2 parts and has those with the indexes [0]']],
  [
    'has a part twice',
    { part: { spec: { boxName: 'a', index: 0, colour: 7 } } },
    ['Box a wants 2 parts and has those with the indexes [0, 0]'],
  ],
  [
    'has a part of another colour',
    { part: { spec: { boxName: 'a', index: 1, colour: 8 } } },
    ['Box a is of another colour than Part a-1'],
  ],
  [
    'has a part of one that was there before',
    { part: { metadata: { name: 'a-1', ownerReferences: [{ apiVersion: '', kind: 'Box', name: 'a', uid: '0' }] } } },
    ['Box a does not own Part a-1'],
  ],
  [
    'has a part too many, of nobody',
    { more: [stray('a', 2)], status: { parts: 3 } },
    ['Box a wants 2 parts and has those with the indexes [0, 1, 2]', 'Box a does not own Part stray'],
  ],
  ['has left a part behind', { more: [stray('b', 0)] }, ['Part stray is there without its Box b']],
])('a box that %s is not settled', (_, changed, complaints) => {
  expect(unsettledIn(world(changed), ['a'])).toEqual(complaints);
});

test('a box that is missing, and one that was deleted and is there, are not settled', () => {
  expect(unsettledIn(world(), ['b'])).toEqual(['Box b is missing', 'Box a was deleted and is there']);
});
