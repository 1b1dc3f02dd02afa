import { expect, test } from 'vitest';
import { lifecycleTable } from './lifecycle-table.ts';
import { lifecycles } from './lifecycles.ts';

test('every state answers every event as written here', () => {
  const lifecycle = lifecycles.find(({ name }) => name === 'local-disk-action');
  expect(lifecycle && lifecycleTable(lifecycle)).toMatchInlineSnapshot(`
    "Reserving  disks.free     reserveDisks
    Reserving  disks.settled  → Settled
    Settled    disks.free     → Reserving
    Settled    disks.settled  ."
  `);
});
