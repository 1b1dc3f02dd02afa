import { expect, test } from 'vitest';
import { lifecycleTable } from './lifecycle-table.ts';
import { lifecycles } from './lifecycles.ts';

test('every state answers every event as written here', () => {
  const lifecycle = lifecycles.find(({ name }) => name === 'local-disk');
  expect(lifecycle && lifecycleTable(lifecycle)).toMatchInlineSnapshot(`
    "Pending    disk.unsure    .
    Pending    disk.occupied  → Bound
    Pending    disk.claimed   → Bound
    Pending    disk.reserved  → Reserved
    Pending    disk.blank     → Available
    Available  disk.unsure    → Pending
    Available  disk.occupied  → Bound
    Available  disk.claimed   → Bound
    Available  disk.reserved  → Reserved
    Available  disk.blank     .
    Bound      disk.unsure    → Pending
    Bound      disk.occupied  .
    Bound      disk.claimed   .
    Bound      disk.reserved  → Reserved
    Bound      disk.blank     → Available
    Reserved   disk.unsure    → Pending
    Reserved   disk.occupied  → Bound
    Reserved   disk.claimed   → Bound
    Reserved   disk.reserved  .
    Reserved   disk.blank     → Available"
  `);
});
