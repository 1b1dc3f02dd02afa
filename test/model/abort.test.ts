import { expect, test } from 'vitest';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { withMove } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { runAnd, runUntil } from './crash.ts';
import { wherever, wholeOn } from './whereabouts.ts';

const timeoutMs = 300_000;

test.each([
  {
    name: 'aborted',
    everyNth: 1,
    act: (cluster: ModelCluster) => cluster.kubectl.patch(LocalVolumeMigrate, 'move-vol', { spec: { abort: true } }),
  },
  {
    name: 'deleted',
    // Comes to the same as an abort, so not every moment is tried.
    everyNth: 5,
    act: (cluster: ModelCluster) => cluster.kubectl.delete(LocalVolumeMigrate, 'move-vol'),
  },
])('a move that is $name at any moment ends with one whole copy', { timeout: timeoutMs }, async ({ act, everyNth }) => {
  const { writes } = await runUntil(await withMove());
  const holders = new Set<string | undefined>();
  for (const [write, name] of [...writes.entries()].filter(([index]) => index % everyNth === 0)) {
    const cluster = await withMove();
    await runAnd(cluster, write, () => act(cluster));
    const found = await wherever(cluster);
    const [holder = ''] = found.config ?? [];
    expect(found, `after write ${write}: ${name}`).toEqual(wholeOn(holder));
    holders.add(holder);
  }
  // Early it goes back; once the record names the target alone there is no way back.
  expect(holders).toEqual(new Set(['node1', 'node2']));
});
