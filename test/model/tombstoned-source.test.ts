import { findCondition, isNotFound } from '@dot-kube/operator';
import type { Interceptor } from '@dot-kube/operator/testing';
import { expect, test } from 'vitest';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { replicaName } from '../../src/api/names.ts';
import { copies, moveOf, orderMove, withMove, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { runAnd, runUntil } from './crash.ts';
import { wherever, wholeOn } from './whereabouts.ts';

const minute = 60_000;
const timeoutMs = 300_000;
const source = replicaName('vol', 'node1');

const stateOf = async (cluster: ModelCluster) => (await moveOf(cluster))?.state;

/** A person takes the source's replica for the volume's leftover; it may be gone by then. */
const tombstone = (cluster: ModelCluster) =>
  cluster.kubectl.patch(LocalVolumeReplica, source, { spec: { delete: true } }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });

test('a tombstone on the source costs its copy only after the target was seen whole since the hand-over', async () => {
  const cluster = await withMove();
  const target = cluster.world.host('node2');
  let isStruck = false;
  const intercept: Interceptor = async (_write, act) => {
    const answer = await act();
    if ((await stateOf(cluster)) === 'Paired') await tombstone(cluster);
    const record = await cluster.kubectl.get(LocalVolumeWriter, 'vol');
    const isHanded = record?.spec.inSync.length === 1 && record.spec.inSync[0]?.node === 'node2';
    if (isHanded && !isStruck) target.powerOff();
    isStruck ||= isHanded;
    return answer;
  };
  await cluster.run({ intercept, forMs: 10 * minute, settles: false });
  expect(isStruck).toBe(true);
  expect((await cluster.objects(LocalVolumeReplica)).get(source)?.spec.delete).toBe(true);
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious', node2: 'precious' });

  target.boot();
  await cluster.run({ forMs: minute });
  expect(await stateOf(cluster)).toBe('Completed');
  expect(await wherever(cluster)).toEqual(wholeOn('node2'));
});

test('a move whose source is tombstoned at any moment goes on to its end', { timeout: timeoutMs }, async () => {
  const { writes } = await runUntil(await withMove());
  for (const [write, name] of [...writes.entries()].filter(([index]) => index % 3 === 0)) {
    const cluster = await withMove();
    await runAnd(cluster, write, () => tombstone(cluster));
    expect(await wherever(cluster), `tombstoned after write ${write}: ${name}`).toEqual(wholeOn('node2'));
    expect(await stateOf(cluster)).toBe('Completed');
  }
});

test('a replica that is kept in spite of its tombstone can be moved, as its condition says', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await tombstone(cluster);
  await cluster.run({ forMs: minute });
  const kept = (await cluster.objects(LocalVolumeReplica)).get(source);
  expect(findCondition(kept?.status?.conditions, 'DeletionBlocked')?.message).toContain('LocalVolumeMigrate');
  await orderMove(cluster.kubectl, 'vol', 'node1');
  await cluster.run();
  expect(await stateOf(cluster)).toBe('Completed');
  expect(await wherever(cluster)).toEqual(wholeOn('node2'));
});

test(
  'a move of a tombstoned replica that is aborted at any moment goes back, and the replica is kept',
  { timeout: timeoutMs },
  async () => {
    const tombstoned = async (): Promise<ModelCluster> => {
      const cluster = await withVolume('vol', 'node1', 'node2');
      await tombstone(cluster);
      await cluster.run();
      await orderMove(cluster.kubectl, 'vol', 'node1');
      return cluster;
    };
    const { writes } = await runUntil(await tombstoned());
    const holders = new Set<string | undefined>();
    for (const [write, name] of [...writes.entries()].filter(([index]) => index % 5 === 0)) {
      const cluster = await tombstoned();
      await runAnd(cluster, write, () =>
        cluster.kubectl.patch(LocalVolumeMigrate, 'move-vol', { spec: { abort: true } }),
      );
      const found = await wherever(cluster);
      const [holder = ''] = found.config ?? [];
      expect(found, `after write ${write}: ${name}`).toEqual(wholeOn(holder));
      expect(['Completed', 'Aborted']).toContain(await stateOf(cluster));
      holders.add(holder);
    }
    expect(holders).toEqual(new Set(['node1', 'node2']));
  },
);
