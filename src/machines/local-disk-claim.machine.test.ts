import { expect, test } from 'vitest';
import { lifecycleTable } from './lifecycle-table.ts';
import { lifecycles } from './lifecycles.ts';

test('every state answers every event as written here', () => {
  const lifecycle = lifecycles.find(({ name }) => name === 'local-disk-claim');
  expect(lifecycle && lifecycleTable(lifecycle)).toMatchInlineSnapshot(`
    "Pending      disks.none        .
    Pending      disks.matched     recordDisks
    Pending      disks.recorded    claimDisks
    Pending      disks.claimed     → Bound
    Pending      disks.lost        .
    Pending      disks.mislisted   .
    Pending      pool.dirty        .
    Pending      pool.lacking      .
    Pending      pool.refusing     .
    Pending      pool.unrecorded   .
    Pending      pool.holding      .
    Pending      delete.requested  → ToBeDeleted
    Pending      delete.released   → ToBeDeleted
    Bound        disks.none        .
    Bound        disks.matched     .
    Bound        disks.recorded    .
    Bound        disks.claimed     .
    Bound        disks.lost        → Pending
    Bound        disks.mislisted   → Extending
    Bound        pool.dirty        → Extending
    Bound        pool.lacking      → Extending
    Bound        pool.refusing     → Extending
    Bound        pool.unrecorded   → Extending
    Bound        pool.holding      → Extending
    Bound        delete.requested  → ToBeDeleted
    Bound        delete.released   → ToBeDeleted
    Extending    disks.none        .
    Extending    disks.matched     .
    Extending    disks.recorded    .
    Extending    disks.claimed     .
    Extending    disks.lost        → Pending
    Extending    disks.mislisted   recordDisks
    Extending    pool.dirty        wipeDisks
    Extending    pool.lacking      extendPool
    Extending    pool.refusing     .
    Extending    pool.unrecorded   recordExtension
    Extending    pool.holding      → Consumed
    Extending    delete.requested  → ToBeDeleted
    Extending    delete.released   → ToBeDeleted
    Consumed     disks.none        .
    Consumed     disks.matched     .
    Consumed     disks.recorded    .
    Consumed     disks.claimed     .
    Consumed     disks.lost        .
    Consumed     disks.mislisted   .
    Consumed     pool.dirty        .
    Consumed     pool.lacking      .
    Consumed     pool.refusing     .
    Consumed     pool.unrecorded   .
    Consumed     pool.holding      .
    Consumed     delete.requested  → ToBeDeleted
    Consumed     delete.released   → ToBeDeleted
    ToBeDeleted  disks.none        .
    ToBeDeleted  disks.matched     .
    ToBeDeleted  disks.recorded    .
    ToBeDeleted  disks.claimed     .
    ToBeDeleted  disks.lost        .
    ToBeDeleted  disks.mislisted   .
    ToBeDeleted  pool.dirty        .
    ToBeDeleted  pool.lacking      .
    ToBeDeleted  pool.refusing     .
    ToBeDeleted  pool.unrecorded   .
    ToBeDeleted  pool.holding      .
    ToBeDeleted  delete.requested  releaseDisks
    ToBeDeleted  delete.released   → Deleted
    Deleted      disks.none        .
    Deleted      disks.matched     .
    Deleted      disks.recorded    .
    Deleted      disks.claimed     .
    Deleted      disks.lost        .
    Deleted      disks.mislisted   .
    Deleted      pool.dirty        .
    Deleted      pool.lacking      .
    Deleted      pool.refusing     .
    Deleted      pool.unrecorded   .
    Deleted      pool.holding      .
    Deleted      delete.requested  .
    Deleted      delete.released   removeObject"
  `);
});
