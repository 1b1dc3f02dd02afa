import { expect, test } from 'vitest';
import { lifecycleTable } from './lifecycle-table.ts';
import { lifecycles } from './lifecycles.ts';

test('every state answers every event as written here', () => {
  const lifecycle = lifecycles.find(({ name }) => name === 'local-volume-replica');
  expect(lifecycle && lifecycleTable(lifecycle)).toMatchInlineSnapshot(`
    "Creating     pool.missing     .
    Creating     lv.missing       createLogicalVolume
    Creating     lv.vanished      → Lost
    Creating     lv.unrecorded    .
    Creating     lv.untagged      adoptLogicalVolume
    Creating     lv.foreign       → Invalid
    Creating     lv.unhealthy     → NotReady
    Creating     lv.inactive      activateLogicalVolume
    Creating     lv.undersized    extendLogicalVolume
    Creating     lv.unsynced      → NotReady
    Creating     lv.matched       → Ready
    Creating     delete.open      → ToBeDeleted
    Creating     delete.unmarked  → ToBeDeleted
    Creating     delete.paired    → ToBeDeleted
    Creating     delete.lv        → ToBeDeleted
    Creating     delete.waiting   → ToBeDeleted
    Creating     delete.clean     → ToBeDeleted
    Ready        pool.missing     → NotReady
    Ready        lv.missing       → Lost
    Ready        lv.vanished      → Lost
    Ready        lv.unrecorded    → Lost
    Ready        lv.untagged      → NotReady
    Ready        lv.foreign       → Lost
    Ready        lv.unhealthy     → NotReady
    Ready        lv.inactive      → NotReady
    Ready        lv.undersized    extendLogicalVolume
    Ready        lv.unsynced      → NotReady
    Ready        lv.matched       .
    Ready        delete.open      → ToBeDeleted
    Ready        delete.unmarked  → ToBeDeleted
    Ready        delete.paired    → ToBeDeleted
    Ready        delete.lv        → ToBeDeleted
    Ready        delete.waiting   → ToBeDeleted
    Ready        delete.clean     → ToBeDeleted
    NotReady     pool.missing     .
    NotReady     lv.missing       → Lost
    NotReady     lv.vanished      → Lost
    NotReady     lv.unrecorded    → Lost
    NotReady     lv.untagged      .
    NotReady     lv.foreign       → Lost
    NotReady     lv.unhealthy     .
    NotReady     lv.inactive      activateLogicalVolume
    NotReady     lv.undersized    extendLogicalVolume
    NotReady     lv.unsynced      .
    NotReady     lv.matched       → Ready
    NotReady     delete.open      → ToBeDeleted
    NotReady     delete.unmarked  → ToBeDeleted
    NotReady     delete.paired    → ToBeDeleted
    NotReady     delete.lv        → ToBeDeleted
    NotReady     delete.waiting   → ToBeDeleted
    NotReady     delete.clean     → ToBeDeleted
    Lost         pool.missing     .
    Lost         lv.missing       .
    Lost         lv.vanished      .
    Lost         lv.unrecorded    .
    Lost         lv.untagged      .
    Lost         lv.foreign       .
    Lost         lv.unhealthy     → NotReady
    Lost         lv.inactive      → NotReady
    Lost         lv.undersized    .
    Lost         lv.unsynced      → NotReady
    Lost         lv.matched       → NotReady
    Lost         delete.open      → ToBeDeleted
    Lost         delete.unmarked  → ToBeDeleted
    Lost         delete.paired    → ToBeDeleted
    Lost         delete.lv        → ToBeDeleted
    Lost         delete.waiting   → ToBeDeleted
    Lost         delete.clean     → ToBeDeleted
    Invalid      pool.missing     .
    Invalid      lv.missing       → Creating
    Invalid      lv.vanished      → Lost
    Invalid      lv.unrecorded    .
    Invalid      lv.untagged      → Creating
    Invalid      lv.foreign       .
    Invalid      lv.unhealthy     .
    Invalid      lv.inactive      .
    Invalid      lv.undersized    .
    Invalid      lv.unsynced      .
    Invalid      lv.matched       .
    Invalid      delete.open      → ToBeDeleted
    Invalid      delete.unmarked  → ToBeDeleted
    Invalid      delete.paired    → ToBeDeleted
    Invalid      delete.lv        → ToBeDeleted
    Invalid      delete.waiting   → ToBeDeleted
    Invalid      delete.clean     → ToBeDeleted
    ToBeDeleted  pool.missing     .
    ToBeDeleted  lv.missing       .
    ToBeDeleted  lv.vanished      .
    ToBeDeleted  lv.unrecorded    .
    ToBeDeleted  lv.untagged      .
    ToBeDeleted  lv.foreign       .
    ToBeDeleted  lv.unhealthy     .
    ToBeDeleted  lv.inactive      .
    ToBeDeleted  lv.undersized    .
    ToBeDeleted  lv.unsynced      .
    ToBeDeleted  lv.matched       .
    ToBeDeleted  delete.open      .
    ToBeDeleted  delete.unmarked  markDeleted
    ToBeDeleted  delete.paired    .
    ToBeDeleted  delete.lv        removeLogicalVolume
    ToBeDeleted  delete.waiting   .
    ToBeDeleted  delete.clean     → Deleted
    Deleted      pool.missing     .
    Deleted      lv.missing       .
    Deleted      lv.vanished      .
    Deleted      lv.unrecorded    .
    Deleted      lv.untagged      .
    Deleted      lv.foreign       .
    Deleted      lv.unhealthy     .
    Deleted      lv.inactive      .
    Deleted      lv.undersized    .
    Deleted      lv.unsynced      .
    Deleted      lv.matched       .
    Deleted      delete.open      .
    Deleted      delete.unmarked  .
    Deleted      delete.paired    .
    Deleted      delete.lv        .
    Deleted      delete.waiting   .
    Deleted      delete.clean     removeObject"
  `);
});
