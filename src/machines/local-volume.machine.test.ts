import { expect, test } from 'vitest';
import { lifecycleTable } from './lifecycle-table.ts';
import { lifecycles } from './lifecycles.ts';

test('every state answers every event as written here', () => {
  const lifecycle = lifecycles.find(({ name }) => name === 'local-volume');
  expect(lifecycle && lifecycleTable(lifecycle)).toMatchInlineSnapshot(`
    "Creating     name.taken           .
    Creating     placement.refused    .
    Creating     placement.found      saveConfig
    Creating     replicas.missing     createReplicas
    Creating     replicas.vanished    → NotReady
    Creating     replicas.waiting     .
    Creating     record.missing       createRecord
    Creating     record.undecided     → NotReady
    Creating     record.behind        → NotReady
    Creating     replicas.undersized  → Ready
    Creating     replicas.ready       → Ready
    Creating     delete.requested     → ToBeDeleted
    Creating     delete.published     → ToBeDeleted
    Creating     delete.replicas      → ToBeDeleted
    Creating     delete.released      → ToBeDeleted
    Creating     delete.waiting       → ToBeDeleted
    Creating     delete.record        → ToBeDeleted
    Creating     delete.clean         → ToBeDeleted
    Ready        name.taken           .
    Ready        placement.refused    .
    Ready        placement.found      .
    Ready        replicas.missing     → NotReady
    Ready        replicas.vanished    → NotReady
    Ready        replicas.waiting     → NotReady
    Ready        record.missing       → NotReady
    Ready        record.undecided     → NotReady
    Ready        record.behind        → NotReady
    Ready        replicas.undersized  growReplicas
    Ready        replicas.ready       .
    Ready        delete.requested     → ToBeDeleted
    Ready        delete.published     → ToBeDeleted
    Ready        delete.replicas      → ToBeDeleted
    Ready        delete.released      → ToBeDeleted
    Ready        delete.waiting       → ToBeDeleted
    Ready        delete.record        → ToBeDeleted
    Ready        delete.clean         → ToBeDeleted
    NotReady     name.taken           .
    NotReady     placement.refused    .
    NotReady     placement.found      .
    NotReady     replicas.missing     .
    NotReady     replicas.vanished    .
    NotReady     replicas.waiting     .
    NotReady     record.missing       createRecord
    NotReady     record.undecided     .
    NotReady     record.behind        raiseRecord
    NotReady     replicas.undersized  → Ready
    NotReady     replicas.ready       → Ready
    NotReady     delete.requested     → ToBeDeleted
    NotReady     delete.published     → ToBeDeleted
    NotReady     delete.replicas      → ToBeDeleted
    NotReady     delete.released      → ToBeDeleted
    NotReady     delete.waiting       → ToBeDeleted
    NotReady     delete.record        → ToBeDeleted
    NotReady     delete.clean         → ToBeDeleted
    ToBeDeleted  name.taken           .
    ToBeDeleted  placement.refused    .
    ToBeDeleted  placement.found      .
    ToBeDeleted  replicas.missing     .
    ToBeDeleted  replicas.vanished    .
    ToBeDeleted  replicas.waiting     .
    ToBeDeleted  record.missing       .
    ToBeDeleted  record.undecided     .
    ToBeDeleted  record.behind        .
    ToBeDeleted  replicas.undersized  .
    ToBeDeleted  replicas.ready       .
    ToBeDeleted  delete.requested     closeRecord
    ToBeDeleted  delete.published     .
    ToBeDeleted  delete.replicas      deleteReplicas
    ToBeDeleted  delete.released      forgetReplicas
    ToBeDeleted  delete.waiting       .
    ToBeDeleted  delete.record        deleteRecord
    ToBeDeleted  delete.clean         → Deleted
    Deleted      name.taken           .
    Deleted      placement.refused    .
    Deleted      placement.found      .
    Deleted      replicas.missing     .
    Deleted      replicas.vanished    .
    Deleted      replicas.waiting     .
    Deleted      record.missing       .
    Deleted      record.undecided     .
    Deleted      record.behind        .
    Deleted      replicas.undersized  .
    Deleted      replicas.ready       .
    Deleted      delete.requested     .
    Deleted      delete.published     .
    Deleted      delete.replicas      .
    Deleted      delete.released      .
    Deleted      delete.waiting       .
    Deleted      delete.record        .
    Deleted      delete.clean         removeObject"
  `);
});
