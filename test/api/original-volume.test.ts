import { readFileSync } from 'node:fs';
import { builtin, kubernetesClient, manager } from '@dot-kube/operator';
import { beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { csiDriverName, serviceAccounts } from '../../src/api/names.ts';
import {
  attacherFinalizer,
  originalAttachmentController,
  originalVolumeController,
} from '../../src/controllers/cluster/access/original-volume.controller.ts';
import { affinityOf } from '../../src/controllers/cluster/access/volume-affinity.ts';
import { createNodeBoundToken } from '../lab/control-plane/index.ts';
import { admin } from './harness/client.ts';
import { install } from './harness/install.ts';

beforeAll(install);

const ready = { timeout: 30_000, interval: 100 };
const volume = 'original-1';

test('under its own role the controller takes over what the original left: a PersistentVolume and its VolumeAttachment', async () => {
  const made = [
    await admin().create(builtin.CSIDriver, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSIDriver',
      metadata: { name: csiDriverName },
      spec: { attachRequired: false },
    }),
    await admin().create(builtin.Node, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'original-volume-1', labels: { [`volume.hwameistor.io/${volume}`]: 'replica' } },
    }),
    await admin().create(builtin.PersistentVolume, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volume, finalizers: [attacherFinalizer] },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        csi: { driver: csiDriverName, volumeHandle: volume },
      },
    }),
    await admin().create(builtin.VolumeAttachment, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name: volume, finalizers: [attacherFinalizer] },
      spec: { attacher: csiDriverName, nodeName: 'original-volume-1', source: { persistentVolumeName: volume } },
    }),
  ];
  expect(made.map(({ status }) => status)).toEqual([201, 201, 201, 201]);

  const api = inject('apiServer');
  const serviceAccount = serviceAccounts.controller;
  const token = await createNodeBoundToken({ ...api, namespace: 'hwameistor', serviceAccount });
  const client = kubernetesClient({ server: api.server, ca: readFileSync(api.caPath, 'utf8'), token });
  const stop = new AbortController();
  const controllers = [originalVolumeController(), originalAttachmentController()];
  const running = manager({ client, controllers }).run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
    client.close();
  });

  await vi.waitFor(async () => {
    const { metadata, spec } = (await admin().get(builtin.PersistentVolume, volume)).object;
    expect(spec.nodeAffinity).toEqual(affinityOf(volume));
    expect(metadata.finalizers ?? []).not.toContain(attacherFinalizer);
    expect((await admin().get(builtin.VolumeAttachment, volume)).status).toBe(404);
  }, ready);
});
