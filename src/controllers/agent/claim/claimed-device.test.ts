import { expect, test } from 'vitest';
import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import type { BlockDevice } from '../../../api/observed/index.ts';
import { claimedDevice } from './claimed-device.ts';

const device = (kernelName: string, more: Partial<BlockDevice> = {}): BlockDevice => ({
  path: `/dev/${kernelName}`,
  kernelName,
  majorMinor: '8:16',
  sizeBytes: 1024 ** 3,
  type: 'disk',
  readOnly: false,
  removable: false,
  rotational: true,
  links: [],
  mountPoints: [],
  holders: [],
  children: [],
  inUdevDatabase: true,
  ...more,
});
const sdb = device('sdb', { serial: 'S', partitionTable: 'gpt' });
const sdb1 = device('sdb1', {
  type: 'part',
  parent: 'sdb',
  majorMinor: '8:17',
  partitionType: '0fc63daf-8483-4772-8e79-3d69d8477de4',
  partitionUuid: 'eb322efb',
});
const claimed: LocalDisk = {
  metadata: { name: 'part' },
  spec: {
    nodeName: 'node1',
    devicePath: '/dev/sdb1',
    devLinks: [],
    capacity: 1024 ** 3,
    major: '8',
    minor: '17',
    diskAttributes: { devType: 'part', serialNumber: 'S', partUUID: 'eb322efb' },
  },
};

test('the partition that was claimed, on the disk that it was on', () => {
  expect(claimedDevice(claimed, [sdb, sdb1])).toBe(sdb1);
});

test.each<[why: string, devices: BlockDevice[], code: string]>([
  ['the partition is gone', [sdb], 'DEVICE_NOT_FOUND'],
  ['another disk came, partitioned alike', [{ ...sdb, serial: 'T' }, sdb1], 'DEVICE_CHANGED'],
  ['the table was made anew', [sdb, { ...sdb1, partitionUuid: 'd17d161b' }], 'DEVICE_CHANGED'],
  [
    'GRUB was given the partition since',
    [sdb, { ...sdb1, partitionType: '21686148-6449-6e6f-744e-656564454649' }],
    'DEVICE_CHANGED',
  ],
  ['it has another size', [sdb, { ...sdb1, sizeBytes: 1 }], 'DEVICE_CHANGED'],
])('is refused where %s', (_why, devices, code) => {
  expect(() => claimedDevice(claimed, devices)).toThrow(expect.objectContaining({ code }));
});
