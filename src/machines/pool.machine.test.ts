import { expect, test } from 'vitest';
import { lifecycleTable } from './lifecycle-table.ts';
import { lifecycles } from './lifecycles.ts';

test('every state answers every event as written here', () => {
  const lifecycle = lifecycles.find(({ name }) => name === 'pool');
  expect(lifecycle && lifecycleTable(lifecycle)).toMatchInlineSnapshot(`
    "Found     pool.unseen      → Unseen
    Found     group.gone       → Missing
    Found     group.lost       → Missing
    Found     group.unmarked   mark
    Found     group.untied     mark
    Found     group.ambiguous  → Degraded
    Found     disk.duplicate   → Degraded
    Found     disk.missing     → Degraded
    Found     disk.returned    → Degraded
    Found     volumes.stale    → Degraded
    Found     disk.grown       → Healthy
    Found     pool.whole       → Healthy
    Healthy   pool.unseen      → Unseen
    Healthy   group.gone       → Missing
    Healthy   group.lost       → Missing
    Healthy   group.unmarked   → Found
    Healthy   group.untied     → Found
    Healthy   group.ambiguous  → Degraded
    Healthy   disk.duplicate   → Degraded
    Healthy   disk.missing     → Degraded
    Healthy   disk.returned    → Degraded
    Healthy   volumes.stale    → Degraded
    Healthy   disk.grown       growDisk
    Healthy   pool.whole       .
    Degraded  pool.unseen      → Unseen
    Degraded  group.gone       → Missing
    Degraded  group.lost       → Missing
    Degraded  group.unmarked   → Found
    Degraded  group.untied     → Found
    Degraded  group.ambiguous  .
    Degraded  disk.duplicate   .
    Degraded  disk.missing     .
    Degraded  disk.returned    restoreDisk
    Degraded  volumes.stale    refreshVolumes
    Degraded  disk.grown       → Healthy
    Degraded  pool.whole       → Healthy
    Missing   pool.unseen      → Unseen
    Missing   group.gone       .
    Missing   group.lost       .
    Missing   group.unmarked   → Found
    Missing   group.untied     → Found
    Missing   group.ambiguous  → Degraded
    Missing   disk.duplicate   → Degraded
    Missing   disk.missing     → Degraded
    Missing   disk.returned    → Degraded
    Missing   volumes.stale    → Degraded
    Missing   disk.grown       → Healthy
    Missing   pool.whole       → Healthy
    Unseen    pool.unseen      .
    Unseen    group.gone       → Missing
    Unseen    group.lost       → Missing
    Unseen    group.unmarked   → Found
    Unseen    group.untied     → Found
    Unseen    group.ambiguous  → Degraded
    Unseen    disk.duplicate   → Degraded
    Unseen    disk.missing     → Degraded
    Unseen    disk.returned    → Degraded
    Unseen    volumes.stale    → Degraded
    Unseen    disk.grown       → Healthy
    Unseen    pool.whole       → Healthy"
  `);
});
