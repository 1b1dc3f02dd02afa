import { expect, test } from 'vitest';
import { sharedRead } from './shared-reads.ts';

/** A read that ends when it is told to, and answers with its number. */
function slowRead() {
  const ends: (() => void)[] = [];
  const read = () =>
    new Promise<number>((resolve) => {
      const number = ends.length + 1;
      ends.push(() => resolve(number));
    });
  return { read, ends };
}

const { signal } = new AbortController();
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('who asks while a read is running shares the next one, which begins after they asked', async () => {
  const { read, ends } = slowRead();
  const shared = sharedRead(read);
  const first = shared(signal);
  const [second, third] = [shared(signal), shared(signal)];
  await turn();
  expect(ends).toHaveLength(1);
  ends[0]?.();
  expect(await first).toBe(1);
  await turn();
  expect(ends).toHaveLength(2);
  ends[1]?.();
  expect(await Promise.all([second, third])).toEqual([2, 2]);
});

test('a read that fails fails for those who shared it, and not for the next', async () => {
  let reads = 0;
  const shared = sharedRead(() => (++reads === 1 ? Promise.reject(new Error('no')) : Promise.resolve(reads)));
  const first = shared(signal);
  const second = shared(signal);
  await expect(first).rejects.toThrow('no');
  expect(await second).toBe(2);
});

test('a caller that gave up before does not begin a read', async () => {
  const { read, ends } = slowRead();
  await expect(sharedRead(read)(AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  expect(ends).toHaveLength(0);
});
