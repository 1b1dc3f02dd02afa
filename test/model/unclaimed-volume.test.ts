import { builtin } from '@dot-kube/operator';
import { expect, test } from 'vitest';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { mib } from '../../src/api/units.ts';
import { copies, orderVolume, pool, pooled } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { bindClaim } from './pods.ts';

const minute = 60_000;

/** A cluster with a volume that CSI made for a claim. */
async function withClaimed(name = 'pvc-1'): Promise<ModelCluster> {
  const cluster = await pooled('node1');
  await cluster.kubectl.create(LocalVolume, {
    metadata: { name },
    spec: {
      requiredCapacityBytes: mib(100),
      poolName: pool,
      replicaNumber: 1,
      convertible: false,
      delete: false,
      pvcNamespace: 'default',
      pvcName: 'data',
    },
  });
  await cluster.run();
  return cluster;
}

const unclaimed = async (cluster: ModelCluster, name = 'pvc-1') =>
  (await cluster.objects(LocalVolume)).get(name)?.status?.conditions?.find(({ type }) => type === 'Unclaimed');

test('a volume that no PersistentVolume stands for is reported with the command that deletes it, and stays', async () => {
  const cluster = await withClaimed();
  await bindClaim(cluster, 'data', 'pvc-1');
  await cluster.run({ forMs: 30 * minute });
  expect(await unclaimed(cluster)).toBeUndefined();

  await cluster.kubectl.delete(builtin.PersistentVolumeClaim, 'data', { namespace: 'default' });
  await cluster.kubectl.delete(builtin.PersistentVolume, 'pvc-1');
  await cluster.run({ forMs: 120 * minute });
  expect(await unclaimed(cluster)).toMatchObject({
    status: 'True',
    reason: 'NoPersistentVolume',
    message:
      'No PersistentVolume stands for the volume, which was made for claim default/data. It stays until it is ordered to go, ' +
      `with all its data: kubectl patch lv pvc-1 --type merge -p '{"spec":{"delete":true}}'`,
  });
  expect(Object.keys(copies(cluster, 'pvc-1'))).toEqual(['node1']);
  const events = [...(await cluster.objects(builtin.Event)).values()].filter(({ reason }) => reason === 'Unclaimed');
  expect(events).toHaveLength(1);

  await bindClaim(cluster, 'data', 'pvc-1');
  await cluster.run();
  expect(await unclaimed(cluster)).toMatchObject({ status: 'False', reason: 'Wanted' });
});

test('a volume is not reported before its PersistentVolume had its time to come', async () => {
  const cluster = await withClaimed();
  await cluster.run({ forMs: 5 * minute, settles: false });
  expect(await unclaimed(cluster)).toBeUndefined();
});

test('a volume whose claim waits for it is not reported, however long it takes', async () => {
  const cluster = await pooled('node1');
  const claim = await cluster.kubectl.create(builtin.PersistentVolumeClaim, {
    metadata: { name: 'data', namespace: 'default' },
    spec: {},
  });
  const name = `pvc-${claim.metadata.uid}`;
  await cluster.kubectl.create(LocalVolume, {
    metadata: { name },
    spec: {
      requiredCapacityBytes: mib(100),
      poolName: pool,
      replicaNumber: 1,
      convertible: false,
      delete: false,
      pvcNamespace: 'default',
      pvcName: 'data',
    },
  });
  await cluster.run({ forMs: 60 * minute });
  expect(await unclaimed(cluster, name)).toBeUndefined();
});

test('a volume that was made by hand is nobody’s claim', async () => {
  const cluster = await pooled('node1');
  await orderVolume(cluster.kubectl, 'vol');
  await cluster.run({ forMs: 60 * minute });
  expect(await unclaimed(cluster, 'vol')).toBeUndefined();
});
