import { builtin } from '@dot-kube/operator';
import { inMemoryApiServer, virtualClock } from '@dot-kube/operator/testing';
import { expect, test } from 'vitest';
import { LocalStorageNode } from '../api/local-storage-node.schema.ts';
import { LocalVolumeReplica } from '../api/local-volume-replica.schema.ts';
import { clusterSecretName, namespace } from '../api/names.ts';
import { ensureClusterIdentity } from './cluster-identity.ts';

const cluster = () =>
  inMemoryApiServer({ clock: virtualClock(), resources: [LocalStorageNode, LocalVolumeReplica] }).client();

test('an identity is chosen once, and stays', async () => {
  const client = cluster();
  const chosen = await ensureClusterIdentity(client);
  expect(await ensureClusterIdentity(client)).toEqual(chosen);
});

test('none is chosen in place of one that was lost while data carry its mark', async () => {
  const client = cluster();
  await ensureClusterIdentity(client);
  const spec = { volumeName: 'vol', volumeId: 'v1', nodeName: 'node1', requiredCapacityBytes: 4194304, delete: false };
  await client.create(LocalVolumeReplica, {
    metadata: { name: 'vol-1' },
    spec: { ...spec, poolName: 'LocalStorage_PoolHDD' },
  });
  await client.delete(builtin.Secret, clusterSecretName, { namespace });
  await expect(ensureClusterIdentity(client)).rejects.toThrow(
    /Secret hwameistor\/hwameistor-cluster is gone.*lvr vol-1/,
  );
  expect(await client.get(builtin.Secret, clusterSecretName, { namespace })).toBeUndefined();
});
