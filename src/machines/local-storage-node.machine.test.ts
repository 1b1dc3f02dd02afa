import { expect, test } from 'vitest';
import { lifecycleTable } from './lifecycle-table.ts';
import { lifecycles } from './lifecycles.ts';

test('every state answers every event as written here', () => {
  const lifecycle = lifecycles.find(({ name }) => name === 'local-storage-node');
  expect(lifecycle && lifecycleTable(lifecycle)).toMatchInlineSnapshot(`
    "Ready     agent.lost               → Offline
    Ready     node.schedulable         .
    Ready     node.schedulable.moving  abortMoves
    Ready     node.cordoned            → Maintain
    Ready     node.cordoned.moving     → Maintain
    Ready     drain.unmoved            → Evicting
    Ready     drain.moving             → Evicting
    Ready     drain.done               → Evicting
    Evicting  agent.lost               → Offline
    Evicting  node.schedulable         → Ready
    Evicting  node.schedulable.moving  → Ready
    Evicting  node.cordoned            → Maintain
    Evicting  node.cordoned.moving     → Maintain
    Evicting  drain.unmoved            moveVolumes
    Evicting  drain.moving             .
    Evicting  drain.done               → Migrated
    Migrated  agent.lost               → Offline
    Migrated  node.schedulable         → Ready
    Migrated  node.schedulable.moving  → Ready
    Migrated  node.cordoned            → Maintain
    Migrated  node.cordoned.moving     → Maintain
    Migrated  drain.unmoved            → Evicting
    Migrated  drain.moving             → Evicting
    Migrated  drain.done               .
    Maintain  agent.lost               → Offline
    Maintain  node.schedulable         → Ready
    Maintain  node.schedulable.moving  → Ready
    Maintain  node.cordoned            .
    Maintain  node.cordoned.moving     abortMoves
    Maintain  drain.unmoved            → Evicting
    Maintain  drain.moving             → Evicting
    Maintain  drain.done               → Evicting
    Offline   agent.lost               .
    Offline   node.schedulable         → Ready
    Offline   node.schedulable.moving  → Ready
    Offline   node.cordoned            → Maintain
    Offline   node.cordoned.moving     → Maintain
    Offline   drain.unmoved            → Evicting
    Offline   drain.moving             → Evicting
    Offline   drain.done               → Evicting"
  `);
});
