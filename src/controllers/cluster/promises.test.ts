import { expect, test } from 'vitest';
import type { Promised } from '../../api/pool-rooms.ts';
import { Promises, reservedMs } from './promises.ts';

const promised = (uid: string, node: string): Promised => ({
  uid,
  volume: uid,
  node,
  pool: 'LocalStorage_PoolHDD',
  bytes: 10,
});
const loose = (uid: string, node: string) => ({ ...promised(uid, node), firm: false });

/** A node takes one volume: the first of those that nothing is promised on. */
const free =
  (...nodes: string[]) =>
  (held: readonly Promised[]): string | undefined =>
    nodes.find((node) => !held.some((one) => one.node === node));
const itself = (node: string | undefined) => node;

test('what is reserved on several nodes counts on each, until it is not reserved any more', () => {
  const promises = new Promises();
  promises.reserve([loose('vol', 'a'), loose('vol', 'b')], 0);
  expect(promises.held(0).map(({ node }) => node)).toEqual(['a', 'b']);
  promises.reserve([loose('vol', 'b')], 0);
  expect(promises.held(0).map(({ node }) => node)).toEqual(['b']);
  expect([promises.isReserved('vol', 'a'), promises.isReserved('vol', 'b')]).toEqual([false, true]);
});

test('a reservation is given to who needs the room after its time, on the node that is chosen alone', () => {
  const promises = new Promises();
  promises.reserve([loose('vol', 'a'), loose('vol', 'b')], 0);
  promises.reserve([loose('vol', 'a'), loose('vol', 'b')], 30_000);
  expect(promises.deciding(reservedMs - 1, free('a', 'b'), itself)).toBeUndefined();
  expect(promises.deciding(reservedMs, free('a', 'b', 'c'), itself)).toBe('c');
  expect(promises.held(reservedMs)).toHaveLength(2);
  expect(promises.deciding(reservedMs, free('a', 'b'), itself)).toBe('a');
  expect(promises.held(reservedMs).map(({ node }) => node)).toEqual(['b']);
});

test('what is reserved for a pod that was placed is never given away', () => {
  const promises = new Promises();
  promises.reserve([{ ...promised('vol', 'a'), firm: true }], 0);
  expect(promises.deciding(10 * reservedMs, free('a'), itself)).toBeUndefined();
});
