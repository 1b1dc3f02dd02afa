import { expect, test } from 'vitest';
import type { LocalVolumeMigrate, LocalVolumeMigrateState } from '../../../api/local-volume-migrate.schema.ts';
import type { LocalVolumeReplica } from '../../../api/local-volume-replica.schema.ts';
import type { LocalVolumeWriterSpec } from '../../../api/local-volume-writer.schema.ts';
import type { LocalVolume } from '../../../api/local-volume.schema.ts';
import { type VolumeAccess, volumeNodes } from './volume-nodes.ts';

const member = (node: string) => ({ node, vgUUID: `group-of-${node}` });

const replica = (nodeName: string, more: object = {}): LocalVolumeReplica => ({
  metadata: { name: `vol-${nodeName}` },
  spec: {
    volumeName: 'vol',
    volumeId: 'id',
    poolName: 'LocalStorage_PoolHDD',
    nodeName,
    requiredCapacityBytes: 1,
    delete: false,
  },
  status: { state: 'Ready', volumeGroupUUID: `group-of-${nodeName}`, ...more },
});

const volume = (more: object = {}): LocalVolume =>
  ({ metadata: { name: 'vol' }, spec: { delete: false, config: { volumeId: 'id' }, ...more } }) as LocalVolume;

const move = (state: LocalVolumeMigrateState, targetNode = 'b'): LocalVolumeMigrate =>
  ({
    metadata: { name: 'move' },
    spec: { volumeName: 'vol', sourceNode: 'a' },
    status: { state, targetNode },
  }) as LocalVolumeMigrate;

const nodes = (record: Partial<LocalVolumeWriterSpec>, more: Partial<VolumeAccess> = {}) =>
  Object.fromEntries(
    volumeNodes({
      volume: volume(),
      record: {
        metadata: { name: 'vol' },
        spec: { volumeName: 'vol', volumeId: 'id', epoch: 1, inSync: [member('a')], delete: false, ...record },
      },
      replicas: [replica('a'), replica('b')],
      migrates: [],
      isWell: () => true,
      ...more,
    }),
  );

test('a volume can be used where a copy is that the record counts on and that is ready', () => {
  expect(nodes({})).toEqual({ a: 'replica' });
  expect(nodes({}, { replicas: [replica('a', { state: 'NotReady' })] })).toEqual({});
  expect(nodes({}, { replicas: [replica('a', { volumeGroupUUID: 'of-a-node-made-anew' })] })).toEqual({});
  expect(nodes({}, { replicas: [] })).toEqual({});
});

test('what is not of this volume, or is being deleted, can be used nowhere', () => {
  expect(nodes({}, { volume: undefined })).toEqual({});
  expect(nodes({}, { volume: volume({ config: { volumeId: 'of the next one of this name' } }) })).toEqual({});
  expect(nodes({}, { volume: volume({ delete: true }) })).toEqual({});
  expect(nodes({ delete: true })).toEqual({});
});

test('where it is used now it stays, whatever else is true', () => {
  const used = { ...member('a') };
  expect(nodes(used, { volume: volume({ delete: true }) })).toEqual({ a: 'replica' });
  expect(nodes(used, { replicas: [replica('a', { state: 'NotReady' })] })).toEqual({ a: 'replica' });
  expect(nodes({ ...used, moveTo: member('b') }, { migrates: [move('Paired')], isWell: () => false })).toEqual({
    a: 'replica',
    b: 'replica',
  });
});

test('the target of a move goes before the source once it may take the record, and not before or in a move that goes back', () => {
  const moving = { moveTo: member('b') };
  const at = (state: LocalVolumeMigrateState) => nodes(moving, { migrates: [move(state)] });
  expect(at('Seeding')).toEqual({ a: 'replica' });
  for (const state of ['Paired', 'Synced', 'Cutting'] as const)
    expect(at(state)).toEqual({ a: 'standby', b: 'replica' });
  expect(at('ToBeAborted')).toEqual({ a: 'replica' });
  expect(nodes(moving, { migrates: [move('Paired', 'c')] })).toEqual({ a: 'replica' });
  expect(nodes(moving, { migrates: [move('Paired')], replicas: [replica('a')] })).toEqual({ a: 'replica' });
  expect(nodes({ ...moving, inSync: [member('a'), member('b')] }, { migrates: [move('Cutting')] })).toEqual({
    a: 'standby',
    b: 'replica',
  });
});

test('other copies wait while a volume is used, unless its node takes no pods or does not answer', () => {
  const used = { ...member('a'), inSync: [member('a'), member('b')] };
  expect(nodes(used)).toEqual({ a: 'replica', b: 'standby' });
  expect(nodes(used, { isWell: (node) => node !== 'a' })).toEqual({ a: 'replica', b: 'replica' });
  expect(nodes({ inSync: used.inSync })).toEqual({ a: 'replica', b: 'replica' });
});
