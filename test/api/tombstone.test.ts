import { beforeAll, expect, test } from 'vitest';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { admin, serviceAccount, type User } from './harness/client.ts';
import { install, kubectl } from './harness/install.ts';
import { localVolume, localVolumeReplica, writerRecord } from './harness/objects.ts';

let controller: User;

beforeAll(async () => {
  await install();
  controller = await serviceAccount('hwameistor-local-storage-csi-controller');
});

test.each([
  { kind: LocalVolume, object: localVolume('kept-volume'), way: 'kubectl patch localvolumes kept-volume' },
  { kind: LocalVolumeReplica, object: localVolumeReplica('kept-replica'), way: 'kubectl patch localvolumereplicas' },
  { kind: LocalVolumeWriter, object: writerRecord('kept-record'), way: 'kubectl patch lv kept-record' },
])(
  'a $kind.kind is not deleted without its tombstone, and the refusal names the way',
  async ({ kind, object, way }) => {
    const { name } = object.metadata;
    expect((await controller.create(kind, object)).status).toBe(201);
    const refused = await controller.delete(kind, name);
    expect(refused.status).toBe(403);
    expect(refused.object.message).toContain('spec.delete');
    expect(refused.object.message).toContain(way);
    expect((await controller.get(kind, name)).object.metadata.deletionTimestamp).toBeUndefined();

    await controller.change(kind, name, (found) => (found.spec.delete = true));
    expect((await controller.delete(kind, name)).status).toBe(200);
    expect((await controller.get(kind, name)).status).toBe(404);
  },
);

test('deleting all volumes at once leaves those without tombstone', async () => {
  await admin().create(LocalVolume, localVolume('ordered', { delete: true }));
  await admin().create(LocalVolume, localVolume('stray'));
  await expect(kubectl('delete', 'lv', '--all')).rejects.toThrow('spec.delete');
  expect((await admin().get(LocalVolume, 'stray')).status).toBe(200);
});

test('kubectl delete lv tells the user what to do', async () => {
  await admin().create(LocalVolume, localVolume('told'));
  await expect(kubectl('delete', 'lv', 'told')).rejects.toThrow(
    `kubectl patch localvolumes told --type merge -p '{"spec":{"delete":true}}'`,
  );
});

test('an object goes without tombstone when it was released by its own name, as the refusal says', async () => {
  await admin().create(LocalVolume, localVolume('released'));
  await expect(kubectl('delete', 'lv', 'released')).rejects.toThrow(
    'kubectl annotate localvolumes released hwameistor.io/release=released',
  );
  await kubectl('annotate', 'localvolumes', 'released', 'hwameistor.io/release=another');
  expect((await admin().delete(LocalVolume, 'released')).status).toBe(403);
  await kubectl('annotate', '--overwrite', 'localvolumes', 'released', 'hwameistor.io/release=released');
  expect((await admin().delete(LocalVolume, 'released')).status).toBe(200);
});

test('a tombstone is not taken back', async () => {
  await admin().create(LocalVolume, localVolume('final', { delete: true }));
  const refused = await admin().change(LocalVolume, 'final', (volume) => (volume.spec.delete = false));
  expect(refused.status).toBe(422);
  expect(refused.object.message).toContain('spec.delete');
});
