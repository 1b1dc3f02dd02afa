import { builtin, type PersistentVolume } from '@dot-kube/operator';
import { describe, expect, test } from 'vitest';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { csiDriverName } from '../../src/api/names.ts';
import { copies, cordon, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';

const minute = 60_000;
const attacher = 'external-attacher/lvm-hwameistor-io';

/** A PersistentVolume as the original made it. */
const makePersistentVolume = ({ kubectl }: ModelCluster, spec: PersistentVolume['spec'] = {}) =>
  kubectl.create(builtin.PersistentVolume, {
    metadata: { name: 'pv', finalizers: ['kubernetes.io/pv-protection', attacher] },
    spec: { csi: { driver: csiDriverName, volumeHandle: 'vol' }, ...spec },
  });

const persistentVolume = async (cluster: ModelCluster) => (await cluster.objects(builtin.PersistentVolume)).get('pv');

const ours = {
  required: {
    nodeSelectorTerms: [
      { matchExpressions: [{ key: 'volume.hwameistor.io/vol', operator: 'In', values: ['replica'] }] },
    ],
  },
};
const theirs = {
  required: {
    nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node1'] }] }],
  },
};

describe('a PersistentVolume of the original', () => {
  test('gets the affinity by which pods follow its volume, and loses what the attacher left on it', async () => {
    const cluster = await withVolume('vol', 'node1');
    await makePersistentVolume(cluster);
    await cluster.run();
    expect(await persistentVolume(cluster)).toMatchObject({
      metadata: { finalizers: ['kubernetes.io/pv-protection'] },
      spec: { nodeAffinity: ours, csi: { volumeHandle: 'vol' } },
    });
  });

  test('gets no affinity before the label of its volume stands, which would keep its pods from every node', async () => {
    const cluster = await withVolume('other', 'node1');
    await makePersistentVolume(cluster);
    await cluster.run({ forMs: minute });
    expect((await persistentVolume(cluster))?.spec?.nodeAffinity).toBeUndefined();
  });

  test('of another driver is none of ours', async () => {
    const cluster = await withVolume('vol', 'node1');
    await makePersistentVolume(cluster, { csi: { driver: 'disk.example.io', volumeHandle: 'vol' } });
    await cluster.run();
    const found = await persistentVolume(cluster);
    expect(found?.metadata.finalizers).toContain(attacher);
    expect(found?.spec?.nodeAffinity).toBeUndefined();
  });

  test('with another affinity keeps its volume where it is, and the plan of a drain says so', async () => {
    const cluster = await withVolume('vol', 'node1', 'node2');
    await makePersistentVolume(cluster, { nodeAffinity: theirs });
    await cordon(cluster.kubectl, 'node1');
    await cluster.run({ forMs: 5 * minute });
    expect((await persistentVolume(cluster))?.spec?.nodeAffinity).toEqual(theirs);
    const status = (await cluster.objects(LocalStorageNode)).get('node1')?.status;
    expect(status).toMatchObject({ state: 'Evicting', plan: [{ volume: 'vol', state: 'Blocked' }] });
    expect(status?.plan?.[0]?.blocker).toMatch(/^Unmovable: PersistentVolume pv has a node affinity that is not ours/);
    expect(Object.keys(copies(cluster, 'vol'))).toEqual(['node1']);
  });
});

describe('a VolumeAttachment of the original', () => {
  const attach = async ({ kubectl }: ModelCluster, attachRequired: boolean, attachedBy = csiDriverName) => {
    await kubectl.create(builtin.CSIDriver, { metadata: { name: csiDriverName }, spec: { attachRequired } });
    await kubectl.create(builtin.VolumeAttachment, {
      metadata: { name: 'csi-1', finalizers: [attacher] },
      spec: { attacher: attachedBy, nodeName: 'node1', source: { persistentVolumeName: 'pv' } },
    });
  };
  const attachments = async (cluster: ModelCluster) => [...(await cluster.objects(builtin.VolumeAttachment)).keys()];

  test('goes, with its finalizer that nobody would take off', async () => {
    const cluster = await withVolume('vol', 'node1');
    await attach(cluster, false);
    await cluster.run();
    expect(await attachments(cluster)).toEqual([]);
  });

  test.each<[string, boolean, string | undefined]>([
    ['while the CSIDriver asks for it: it would be made anew', true, undefined],
    ['of another driver', false, 'disk.example.io'],
  ])('stays %s', async (_when, attachRequired, attachedBy) => {
    const cluster = await withVolume('vol', 'node1');
    await attach(cluster, attachRequired, attachedBy);
    await cluster.run({ forMs: minute });
    expect(await attachments(cluster)).toEqual(['csi-1']);
  });
});
