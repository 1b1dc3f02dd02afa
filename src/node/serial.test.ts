import { expect, test } from 'vitest';
import { serial } from './serial.ts';

test('work of one key runs in order, one at a time, also after a failure', async () => {
  const inTurn = serial();
  const seen: string[] = [];
  const first = Promise.withResolvers<void>();
  const work = [
    inTurn('vg', async () => {
      await first.promise;
      seen.push('first');
      throw new Error('refused');
    }),
    inTurn('vg', async () => void seen.push('second')),
    inTurn('other', async () => void seen.push('other')),
  ];
  await work[2];
  first.resolve();
  const outcomes = await Promise.allSettled(work);
  expect(seen).toEqual(['other', 'first', 'second']);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
});
