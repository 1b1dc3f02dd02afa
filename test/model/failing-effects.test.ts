import { ApiError, findCondition, stalledType } from '@dot-kube/operator';
import type { Interceptor } from '@dot-kube/operator/testing';
import { expect, test } from 'vitest';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { copies, orderMove, orderVolume, pooled, withVolume } from './builders.ts';
import { wherever, wholeOn } from './whereabouts.ts';

const minute = 60_000;

/** An admission policy of the cluster that lets nobody make replicas. */
const refusing: Interceptor = (write, act) => {
  if (write.verb === 'create' && write.resource.startsWith('localvolumereplicas.'))
    throw new ApiError(403, 'Forbidden', 'policy "no-replicas" denied the request');
  return act();
};

const stalledAs = (reason: string) => ({ type: 'Stalled', status: 'True', reason });

test('a volume whose replica can’t be made says so, and is made once it can', async () => {
  const cluster = await pooled('node1');
  await orderVolume(cluster.kubectl, 'vol', 'node1');
  await cluster.run({ intercept: refusing, forMs: minute, settles: false });
  const status = (await cluster.objects(LocalVolume)).get('vol')?.status;
  expect(status?.state).toBe('Creating');
  expect(findCondition(status?.conditions, stalledType)).toMatchObject(stalledAs('Forbidden'));
  expect(findCondition(status?.conditions, stalledType)?.message).toContain('policy "no-replicas" denied');
  expect(Date.parse(status?.nextTry ?? '')).toBeGreaterThan(Date.parse(status?.since ?? ''));
  expect(copies(cluster, 'vol')).toEqual({});

  await cluster.run({ forMs: minute });
  const healed = (await cluster.objects(LocalVolume)).get('vol')?.status;
  expect(healed?.state).toBe('Ready');
  expect(healed?.nextTry).toBeUndefined();
  expect(findCondition(healed?.conditions, stalledType)?.status).toBe('False');
});

test('a move whose target can’t be made says so, and goes on once it can', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await orderMove(cluster.kubectl, 'vol', 'node1');
  await cluster.run({ intercept: refusing, forMs: minute, settles: false });
  const status = (await cluster.objects(LocalVolumeMigrate)).get('move-vol')?.status;
  expect(status?.state).toBe('Paired');
  expect(findCondition(status?.conditions, stalledType)).toMatchObject(stalledAs('Forbidden'));
  expect(Date.parse(status?.nextTry ?? '')).toBeGreaterThan(Date.parse(status?.since ?? ''));
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious' });

  await cluster.run({ forMs: minute });
  const healed = (await cluster.objects(LocalVolumeMigrate)).get('move-vol')?.status;
  expect(healed?.state).toBe('Completed');
  expect(healed?.nextTry).toBeUndefined();
  expect(await wherever(cluster)).toEqual(wholeOn('node2'));
});

test('a move that names the wrong source ends, and says where the volume is', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  await orderMove(cluster.kubectl, 'vol', 'node2');
  await cluster.run();
  expect((await cluster.objects(LocalVolumeMigrate)).get('move-vol')?.status).toMatchObject({
    state: 'Aborted',
    reason: 'SourceWrong',
    message: 'The volume is not on node2, but on node1. Order a move whose sourceNode is the node that it is on.',
  });
  expect(await wherever(cluster)).toEqual(wholeOn('node1'));
});
