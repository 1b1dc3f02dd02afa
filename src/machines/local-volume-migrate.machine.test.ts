import { expect, test } from 'vitest';
import { lifecycleTable } from './lifecycle-table.ts';
import { lifecycles } from './lifecycles.ts';

test('every state answers every event as written here', () => {
  const lifecycle = lifecycles.find(({ name }) => name === 'local-volume-migrate');
  expect(lifecycle && lifecycleTable(lifecycle)).toMatchInlineSnapshot(`
    "Submitted    volume.busy       .
    Submitted    volume.deleted    → Aborted
    Submitted    source.wrong      → Aborted
    Submitted    target.refused    .
    Submitted    target.chosen     → Seeding
    Submitted    source.unseeded   .
    Submitted    source.seeding    .
    Submitted    source.seeded     .
    Submitted    seed.overdue      .
    Submitted    record.unmoved    .
    Submitted    source.unpaired   .
    Submitted    target.missing    .
    Submitted    pair.broken       .
    Submitted    pair.syncing      .
    Submitted    pair.synced       .
    Submitted    source.lost       .
    Submitted    source.uncut      .
    Submitted    source.cutting    .
    Submitted    target.stale      .
    Submitted    source.cut        .
    Submitted    record.handed     .
    Submitted    target.unproven   .
    Submitted    source.left       .
    Submitted    source.leaving    .
    Submitted    source.gone       .
    Submitted    source.absent     .
    Submitted    target.unsettled  .
    Submitted    target.settling   .
    Submitted    target.settled    .
    Submitted    target.plain      .
    Submitted    abort.requested   → ToBeAborted
    Submitted    abort.record      → ToBeAborted
    Submitted    abort.unsafe      → ToBeAborted
    Submitted    abort.unproven    → ToBeAborted
    Submitted    abort.target      → ToBeAborted
    Submitted    abort.source      → ToBeAborted
    Submitted    abort.waiting     → ToBeAborted
    Submitted    abort.settled     → ToBeAborted
    Submitted    abort.clean       → ToBeAborted
    Seeding      volume.busy       .
    Seeding      volume.deleted    → Aborted
    Seeding      source.wrong      .
    Seeding      target.refused    .
    Seeding      target.chosen     .
    Seeding      source.unseeded   seedSource
    Seeding      source.seeding    .
    Seeding      source.seeded     → Paired
    Seeding      seed.overdue      → ToBeAborted
    Seeding      record.unmoved    .
    Seeding      source.unpaired   .
    Seeding      target.missing    .
    Seeding      pair.broken       → ToBeAborted
    Seeding      pair.syncing      .
    Seeding      pair.synced       .
    Seeding      source.lost       .
    Seeding      source.uncut      .
    Seeding      source.cutting    .
    Seeding      target.stale      .
    Seeding      source.cut        .
    Seeding      record.handed     .
    Seeding      target.unproven   .
    Seeding      source.left       .
    Seeding      source.leaving    .
    Seeding      source.gone       .
    Seeding      source.absent     .
    Seeding      target.unsettled  .
    Seeding      target.settling   .
    Seeding      target.settled    .
    Seeding      target.plain      .
    Seeding      abort.requested   → ToBeAborted
    Seeding      abort.record      → ToBeAborted
    Seeding      abort.unsafe      → ToBeAborted
    Seeding      abort.unproven    → ToBeAborted
    Seeding      abort.target      → ToBeAborted
    Seeding      abort.source      → ToBeAborted
    Seeding      abort.waiting     → ToBeAborted
    Seeding      abort.settled     → ToBeAborted
    Seeding      abort.clean       → ToBeAborted
    Paired       volume.busy       .
    Paired       volume.deleted    → Aborted
    Paired       source.wrong      .
    Paired       target.refused    .
    Paired       target.chosen     .
    Paired       source.unseeded   .
    Paired       source.seeding    .
    Paired       source.seeded     .
    Paired       seed.overdue      .
    Paired       record.unmoved    nameTarget
    Paired       source.unpaired   pairSource
    Paired       target.missing    createTarget
    Paired       pair.broken       → ToBeAborted
    Paired       pair.syncing      .
    Paired       pair.synced       → Synced
    Paired       source.lost       → Cutting
    Paired       source.uncut      .
    Paired       source.cutting    .
    Paired       target.stale      .
    Paired       source.cut        .
    Paired       record.handed     .
    Paired       target.unproven   .
    Paired       source.left       .
    Paired       source.leaving    .
    Paired       source.gone       .
    Paired       source.absent     .
    Paired       target.unsettled  .
    Paired       target.settling   .
    Paired       target.settled    .
    Paired       target.plain      .
    Paired       abort.requested   → ToBeAborted
    Paired       abort.record      → ToBeAborted
    Paired       abort.unsafe      → ToBeAborted
    Paired       abort.unproven    → ToBeAborted
    Paired       abort.target      → ToBeAborted
    Paired       abort.source      → ToBeAborted
    Paired       abort.waiting     → ToBeAborted
    Paired       abort.settled     → ToBeAborted
    Paired       abort.clean       → ToBeAborted
    Synced       volume.busy       .
    Synced       volume.deleted    → Aborted
    Synced       source.wrong      .
    Synced       target.refused    .
    Synced       target.chosen     .
    Synced       source.unseeded   .
    Synced       source.seeding    .
    Synced       source.seeded     .
    Synced       seed.overdue      .
    Synced       record.unmoved    .
    Synced       source.unpaired   .
    Synced       target.missing    .
    Synced       pair.broken       → ToBeAborted
    Synced       pair.syncing      → Paired
    Synced       pair.synced       → Cutting
    Synced       source.lost       → Cutting
    Synced       source.uncut      .
    Synced       source.cutting    .
    Synced       target.stale      .
    Synced       source.cut        .
    Synced       record.handed     .
    Synced       target.unproven   .
    Synced       source.left       .
    Synced       source.leaving    .
    Synced       source.gone       .
    Synced       source.absent     .
    Synced       target.unsettled  .
    Synced       target.settling   .
    Synced       target.settled    .
    Synced       target.plain      .
    Synced       abort.requested   → ToBeAborted
    Synced       abort.record      → ToBeAborted
    Synced       abort.unsafe      → ToBeAborted
    Synced       abort.unproven    → ToBeAborted
    Synced       abort.target      → ToBeAborted
    Synced       abort.source      → ToBeAborted
    Synced       abort.waiting     → ToBeAborted
    Synced       abort.settled     → ToBeAborted
    Synced       abort.clean       → ToBeAborted
    Cutting      volume.busy       .
    Cutting      volume.deleted    → Aborted
    Cutting      source.wrong      .
    Cutting      target.refused    .
    Cutting      target.chosen     .
    Cutting      source.unseeded   .
    Cutting      source.seeding    .
    Cutting      source.seeded     .
    Cutting      seed.overdue      .
    Cutting      record.unmoved    .
    Cutting      source.unpaired   .
    Cutting      target.missing    .
    Cutting      pair.broken       → ToBeAborted
    Cutting      pair.syncing      .
    Cutting      pair.synced       .
    Cutting      source.lost       handOver
    Cutting      source.uncut      cutSource
    Cutting      source.cutting    .
    Cutting      target.stale      → Paired
    Cutting      source.cut        handOver
    Cutting      record.handed     saveConfig
    Cutting      target.unproven   .
    Cutting      source.left       deleteSource
    Cutting      source.leaving    .
    Cutting      source.gone       → Settling
    Cutting      source.absent     → Settling
    Cutting      target.unsettled  .
    Cutting      target.settling   .
    Cutting      target.settled    .
    Cutting      target.plain      .
    Cutting      abort.requested   → ToBeAborted
    Cutting      abort.record      → ToBeAborted
    Cutting      abort.unsafe      → ToBeAborted
    Cutting      abort.unproven    → ToBeAborted
    Cutting      abort.target      → ToBeAborted
    Cutting      abort.source      → ToBeAborted
    Cutting      abort.waiting     → ToBeAborted
    Cutting      abort.settled     → ToBeAborted
    Cutting      abort.clean       → ToBeAborted
    Settling     volume.busy       .
    Settling     volume.deleted    → Aborted
    Settling     source.wrong      .
    Settling     target.refused    .
    Settling     target.chosen     .
    Settling     source.unseeded   .
    Settling     source.seeding    .
    Settling     source.seeded     .
    Settling     seed.overdue      .
    Settling     record.unmoved    .
    Settling     source.unpaired   .
    Settling     target.missing    .
    Settling     pair.broken       .
    Settling     pair.syncing      .
    Settling     pair.synced       .
    Settling     source.lost       .
    Settling     source.uncut      .
    Settling     source.cutting    .
    Settling     target.stale      .
    Settling     source.cut        .
    Settling     record.handed     .
    Settling     target.unproven   .
    Settling     source.left       .
    Settling     source.leaving    .
    Settling     source.gone       .
    Settling     source.absent     .
    Settling     target.unsettled  settleTarget
    Settling     target.settling   .
    Settling     target.settled    dropPair
    Settling     target.plain      → Completed
    Settling     abort.requested   .
    Settling     abort.record      .
    Settling     abort.unsafe      .
    Settling     abort.unproven    .
    Settling     abort.target      .
    Settling     abort.source      .
    Settling     abort.waiting     .
    Settling     abort.settled     .
    Settling     abort.clean       .
    Completed    volume.busy       .
    Completed    volume.deleted    .
    Completed    source.wrong      .
    Completed    target.refused    .
    Completed    target.chosen     .
    Completed    source.unseeded   .
    Completed    source.seeding    .
    Completed    source.seeded     .
    Completed    seed.overdue      .
    Completed    record.unmoved    .
    Completed    source.unpaired   .
    Completed    target.missing    .
    Completed    pair.broken       .
    Completed    pair.syncing      .
    Completed    pair.synced       .
    Completed    source.lost       .
    Completed    source.uncut      .
    Completed    source.cutting    .
    Completed    target.stale      .
    Completed    source.cut        .
    Completed    record.handed     .
    Completed    target.unproven   .
    Completed    source.left       .
    Completed    source.leaving    .
    Completed    source.gone       .
    Completed    source.absent     .
    Completed    target.unsettled  .
    Completed    target.settling   .
    Completed    target.settled    .
    Completed    target.plain      .
    Completed    abort.requested   .
    Completed    abort.record      .
    Completed    abort.unsafe      .
    Completed    abort.unproven    .
    Completed    abort.target      .
    Completed    abort.source      .
    Completed    abort.waiting     .
    Completed    abort.settled     .
    Completed    abort.clean       .
    ToBeAborted  volume.busy       .
    ToBeAborted  volume.deleted    → Aborted
    ToBeAborted  source.wrong      .
    ToBeAborted  target.refused    .
    ToBeAborted  target.chosen     .
    ToBeAborted  source.unseeded   .
    ToBeAborted  source.seeding    .
    ToBeAborted  source.seeded     .
    ToBeAborted  seed.overdue      .
    ToBeAborted  record.unmoved    .
    ToBeAborted  source.unpaired   .
    ToBeAborted  target.missing    .
    ToBeAborted  pair.broken       .
    ToBeAborted  pair.syncing      .
    ToBeAborted  pair.synced       .
    ToBeAborted  source.lost       → Cutting
    ToBeAborted  source.uncut      .
    ToBeAborted  source.cutting    .
    ToBeAborted  target.stale      .
    ToBeAborted  source.cut        .
    ToBeAborted  record.handed     → Cutting
    ToBeAborted  target.unproven   .
    ToBeAborted  source.left       .
    ToBeAborted  source.leaving    .
    ToBeAborted  source.gone       .
    ToBeAborted  source.absent     .
    ToBeAborted  target.unsettled  .
    ToBeAborted  target.settling   .
    ToBeAborted  target.settled    .
    ToBeAborted  target.plain      .
    ToBeAborted  abort.requested   .
    ToBeAborted  abort.record      takeBack
    ToBeAborted  abort.unsafe      .
    ToBeAborted  abort.unproven    .
    ToBeAborted  abort.target      deleteTarget
    ToBeAborted  abort.source      releaseSource
    ToBeAborted  abort.waiting     .
    ToBeAborted  abort.settled     dropPair
    ToBeAborted  abort.clean       → Aborted
    Aborted      volume.busy       .
    Aborted      volume.deleted    .
    Aborted      source.wrong      .
    Aborted      target.refused    .
    Aborted      target.chosen     .
    Aborted      source.unseeded   .
    Aborted      source.seeding    .
    Aborted      source.seeded     .
    Aborted      seed.overdue      .
    Aborted      record.unmoved    .
    Aborted      source.unpaired   .
    Aborted      target.missing    .
    Aborted      pair.broken       .
    Aborted      pair.syncing      .
    Aborted      pair.synced       .
    Aborted      source.lost       .
    Aborted      source.uncut      .
    Aborted      source.cutting    .
    Aborted      target.stale      .
    Aborted      source.cut        .
    Aborted      record.handed     .
    Aborted      target.unproven   .
    Aborted      source.left       .
    Aborted      source.leaving    .
    Aborted      source.gone       .
    Aborted      source.absent     .
    Aborted      target.unsettled  .
    Aborted      target.settling   .
    Aborted      target.settled    .
    Aborted      target.plain      .
    Aborted      abort.requested   .
    Aborted      abort.record      .
    Aborted      abort.unsafe      .
    Aborted      abort.unproven    .
    Aborted      abort.target      .
    Aborted      abort.source      .
    Aborted      abort.waiting     .
    Aborted      abort.settled     .
    Aborted      abort.clean       ."
  `);
});
