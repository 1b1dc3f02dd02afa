import { describe, expect, test } from 'vitest';
import type { BlockDevice } from '../../../api/observed/index.ts';
import {
  bareDisks,
  collidingDiskName,
  diskName,
  identityOf,
  isOfDisk,
  partitionIdentity,
  partitionsOf,
  tellingNumber,
  twinsAmong,
} from './disk-identity.ts';

const device = (kernelName: string, more: Partial<BlockDevice> = {}): BlockDevice => ({
  path: `/dev/${kernelName}`,
  kernelName,
  majorMinor: '8:0',
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

describe('a disk', () => {
  test('is known by its WWN before its serial number', () => {
    expect(identityOf(device('sdb', { wwn: '0x5', serial: 'S' }), 'node1')).toBe('wwn:0x5');
  });

  test('is known by its serial number wherever it is plugged in', () => {
    const [here, there] = [device('sdb', { serial: 'S' }), device('sdc', { serial: 'S' })];
    expect(identityOf(here, 'node1')).toBe(identityOf(there, 'node2'));
  });

  test('without WWN and serial number is known by its place on its node', () => {
    expect(identityOf(device('sdb'), 'node1')).not.toBe(identityOf(device('sdb'), 'node2'));
    expect(identityOf(device('sdb', { links: ['/dev/disk/by-path/pci-1'] }), 'node1')).toBe(
      identityOf(device('sdx', { links: ['/dev/disk/by-path/pci-1'] }), 'node1'),
    );
  });

  test.each([
    ['0000000000000000', undefined],
    ['0x0000000000000000', undefined],
    ['eui.0000000000000000', undefined],
    ['N/A', undefined],
    [' Unknown ', undefined],
    ['To be filled by O.E.M.', undefined],
    ['FFFFFFFFFFFF', undefined],
    ['----', undefined],
    ['0', undefined],
    ['', undefined],
    ['7', '7'],
    ['0x5000c500c1f2e3d4', '0x5000c500c1f2e3d4'],
    ['WD-WMC6M0', 'WD-WMC6M0'],
  ])('tells %j for a number, which counts as %j', (number, telling) => {
    expect(tellingNumber(number)).toBe(telling);
  });

  test('that tells nothing but placeholders is known by its place', () => {
    const identity = identityOf(device('sdb', { wwn: '0x0000000000000000', serial: 'N/A' }), 'node1');
    expect([identity, isOfDisk(identity)]).toEqual(['path:node1:/dev/sdb', false]);
    expect(isOfDisk(identityOf(device('sdb', { serial: 'S' }), 'node1'))).toBe(true);
  });

  test('has a name that tells a collision apart', () => {
    expect(diskName('wwn:1')).toMatch(/^localdisk-[0-9a-f]{32}$/);
    expect(collidingDiskName('wwn:1', 'node1', '/dev/sdb')).not.toBe(collidingDiskName('wwn:1', 'node1', '/dev/sdc'));
  });
});

test('two disks with one serial number are twins, also when their WWNs differ', () => {
  const disks = [
    device('sdb', { serial: 'S' }),
    device('sdc', { serial: 'S', wwn: '0x1' }),
    device('sdd', { serial: 'T' }),
    device('sde', { serial: 'U' }),
    device('sdf', { serial: 'U' }),
  ];
  const pairs = [...twinsAmong(disks, 'node1')].map(([disk, twin]) => `${disk.kernelName} ${twin.kernelName}`);
  expect(pairs.sort()).toEqual(['sdb sdc', 'sdc sdb', 'sde sdf', 'sdf sde']);
});

test('namespaces of one NVMe controller share its serial number and are no twins, unless their WWNs are equal', () => {
  const [first, second] = [
    device('nvme0n1', { serial: 'S', wwn: 'eui.1' }),
    device('nvme0n2', { serial: 'S', wwn: 'eui.2' }),
  ];
  expect(twinsAmong([first, second], 'node1').size).toBe(0);
  expect(twinsAmong([first, { ...second, wwn: 'eui.1' }], 'node1').size).toBe(2);
});

test('what software makes is no bare disk', () => {
  const devices = [
    device('sdb'),
    device('pxd0', { virtual: true }),
    device('bcache0'),
    device('zd16'),
    device('mmcblk0boot0'),
    device('loop0'),
    device('drbd1'),
    device('dm-0', { type: 'lvm' }),
    device('sdb1', { type: 'part' }),
  ];
  expect(bareDisks(devices).map(({ kernelName }) => kernelName)).toEqual(['sdb']);
});

test('a partition is known by its disk and its number, whatever the kernel calls it', () => {
  const part = (kernelName: string, parent: string) => device(kernelName, { type: 'part', parent });
  const devices = [
    device('nvme0n1'),
    part('nvme0n1p12', 'nvme0n1'),
    part('nvme0n1p2', 'nvme0n1'),
    device('sdb'),
    part('sdb1', 'sdb'),
  ];
  const identities = ['nvme0n1', 'sdb'].map((name) =>
    partitionsOf(device(name), devices).map((partition) => partitionIdentity('wwn:1', partition)),
  );
  expect(identities).toEqual([['wwn:1-part2', 'wwn:1-part12'], ['wwn:1-part1']]);
});
