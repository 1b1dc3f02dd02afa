import { beforeAll, describe, expect, test } from 'vitest';
import type { Resource } from '@dot-kube/operator';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { admin, type Answer } from './harness/client.ts';
import { install } from './harness/install.ts';
import { manifests } from './harness/manifests.ts';

beforeAll(async () => {
  await install();
  for (const { resource, object } of manifests) {
    expect(await admin().create(resource, object)).toMatchObject({ status: 201 });
  }
});

test.each(manifests)('a full $resource.kind comes back as it was written', async ({ resource, object, status }) => {
  const { name } = object.metadata;
  const written = await admin().change(resource, name, (found) => (found.status = status), 'status');
  expect(written).toMatchObject({ status: 200 });
  const { object: found } = await admin().get(resource, name);
  expect(found.spec).toEqual(object.spec);
  expect(found.status).toEqual(status);
  expect(resource.spec.parse(found.spec)).toEqual(object.spec);
  expect(resource.status?.parse(found.status)).toEqual(status);
});

describe('a status is refused', () => {
  const longText = 'x'.repeat(64 * 1024);
  type Spoilt = { kind: Resource; what: string; field: string; edit: (status: Answer['object']) => void };

  test.each<Spoilt>([
    { kind: LocalVolume, what: 'an unknown state', field: 'status.state', edit: (status) => (status.state = 'Fine') },
    {
      kind: LocalVolumeReplica,
      what: 'an unknown state of its pair',
      field: 'status.pair.state',
      edit: (status) => (status.pair = { state: 'Fine' }),
    },
    {
      kind: LocalVolumeMigrate,
      what: '64 KiB of message',
      field: 'status.message',
      edit: (status) => (status.message = longText),
    },
    {
      kind: LocalDisk,
      what: 'an unknown claim state',
      field: 'status.claimState',
      edit: (status) => (status.claimState = 'Free'),
    },
    {
      kind: LocalStorageNode,
      what: 'a condition of 64 KiB',
      field: 'status.conditions[0].message',
      edit: (status) => (status.conditions = [{ type: 'Available', status: 'True', message: longText }]),
    },
    {
      kind: LocalStorageNode,
      what: 'the same condition twice',
      field: 'status.conditions[1]',
      edit: (status) => {
        const condition = { type: 'Available', status: 'True' };
        status.conditions = [condition, condition];
      },
    },
  ])('with $what in a $kind.kind, and the refusal names $field', async ({ kind, field, edit }) => {
    const name = manifests.find(({ resource }) => resource.kind === kind.kind)?.object.metadata.name ?? '';
    const refused = await admin().change(kind, name, (found) => edit((found.status ??= {})), 'status');
    expect(refused.status).toBe(422);
    expect(refused.object.message).toContain(field);
    expect(refused.object.message.length).toBeLessThan(4096);
  });
});
