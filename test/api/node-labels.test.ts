import { readFileSync } from 'node:fs';
import { builtin, kubernetesClient, manager } from '@dot-kube/operator';
import { beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { scaleDownDisabledAnnotation, serviceAccounts, volumeLabelKey } from '../../src/api/names.ts';
import { nodeLabelsController } from '../../src/controllers/cluster/access/node-labels.controller.ts';
import { PodFollower } from '../../src/controllers/cluster/access/pod-follower.ts';
import { Promises } from '../../src/controllers/cluster/promises.ts';
import { createNodeBoundToken } from '../lab/control-plane/index.ts';
import { admin, serviceAccount } from './harness/client.ts';
import { install } from './harness/install.ts';
import { localVolume, localVolumeReplica, writerRecord } from './harness/objects.ts';

beforeAll(install);

const ready = { timeout: 30_000, interval: 100 };
const node = 'node-labels-1';
const long = `pvc-${'a'.repeat(70)}`;

/** What the node says of volumes and of the autoscaler. */
async function said(): Promise<{ labels: object; annotation: string | undefined }> {
  const { labels = {}, annotations = {} } = (await admin().get(builtin.Node, node)).object.metadata;
  return { labels, annotation: annotations[scaleDownDisabledAnnotation] };
}

const newNode = { apiVersion: 'v1', kind: 'Node', metadata: { name: node, labels: { 'example.io/kept': 'yes' } } };

async function makeVolume(name: string): Promise<void> {
  const [replica, id] = [`replica-of-${name}`, `id-${name.length}`];
  const config = {
    version: 1,
    volumeName: name,
    volumeId: id,
    requiredCapacityBytes: 1024 ** 3,
    convertible: false,
    resourceID: -1,
    readyToInitialize: true,
    initialized: true,
    replicas: [{ id: 0, hostname: node, ip: '10.0.0.1', primary: true }],
  };
  const inSync = [{ node, vgUUID: 'group' }];
  const created = [
    await admin().create(LocalVolume, localVolume(name, { config })),
    await admin().create(
      LocalVolumeReplica,
      localVolumeReplica(replica, { volumeName: name, volumeId: id, nodeName: node }),
    ),
    await (
      await serviceAccount(serviceAccounts.controller)
    ).create(LocalVolumeWriter, writerRecord(name, { volumeId: id, inSync })),
    await admin().change(LocalVolumeReplica, replica, (object) => (object.status = { state: 'Ready' }), 'status'),
  ];
  expect(created.map(({ status }) => status)).toEqual([201, 201, 201, 200]);
}

test('under its own role the controller keeps the labels of a node, also when they go and when the node is made anew', async () => {
  const api = inject('apiServer');
  const token = await createNodeBoundToken({
    ...api,
    namespace: 'hwameistor',
    serviceAccount: serviceAccounts.controller,
  });
  const client = kubernetesClient({ server: api.server, ca: readFileSync(api.caPath, 'utf8'), token });
  const labels = nodeLabelsController({ follower: new PodFollower(new Promises()) });
  const stop = new AbortController();
  const running = manager({ client, controllers: [labels] }).run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
    client.close();
  });

  expect(await admin().create(builtin.Node, newNode)).toMatchObject({ status: 201 });
  for (const name of ['node-labels-vol', long]) await makeVolume(name);
  const full = {
    labels: {
      'example.io/kept': 'yes',
      'volume.hwameistor.io/node-labels-vol': 'replica',
      [volumeLabelKey(long)]: 'replica',
    },
    annotation: 'true',
  };
  await vi.waitFor(async () => expect(await said()).toEqual(full), ready);

  await admin().delete(builtin.Node, node);
  await admin().create(builtin.Node, newNode);
  await vi.waitFor(async () => expect(await said()).toEqual(full), ready);

  await admin().change(LocalVolume, long, ({ spec }) => (spec.delete = true));
  const { [volumeLabelKey(long)]: _long, ...one } = full.labels;
  await vi.waitFor(async () => expect(await said()).toEqual({ ...full, labels: one }), ready);

  // With the last label and the annotation every map that this manager has to say is empty.
  await admin().change(LocalVolume, 'node-labels-vol', ({ spec }) => (spec.delete = true));
  for (const name of ['node-labels-vol', long]) {
    await admin().change(LocalVolumeReplica, `replica-of-${name}`, ({ spec }) => (spec.delete = true));
    await admin().delete(LocalVolumeReplica, `replica-of-${name}`);
  }
  const rest = { labels: { 'example.io/kept': 'yes' }, annotation: undefined };
  await vi.waitFor(async () => expect(await said()).toEqual(rest), ready);
});
