import { expect, test } from 'vitest';
import { gib, kib, mib } from './units.ts';

test('binary units multiply by powers of 1024', () => {
  expect([kib(1), mib(1), gib(2)]).toEqual([1024, 1_048_576, 2_147_483_648]);
});
