// Recorded from util-linux 2.38.1 and udev 252 on Linux 6.1 (Debian 12).
import { describe, expect, test } from 'vitest';
import { type Recording, replay } from '../../../test/support/replay.ts';
import { checkDevice, probeDisk } from './probe.ts';
import { scan } from './scan.ts';

const { signal } = new AbortController();

const disk = (more: object = {}): object => ({
  name: 'ubdb',
  kname: 'ubdb',
  path: '/dev/ubdb',
  'maj:min': '98:16',
  type: 'disk',
  size: 1_073_741_824,
  ro: false,
  rm: false,
  rota: true,
  model: 'Spinning-Disk',
  serial: 'LAB1B',
  wwn: '0x5000c50000000162',
  vendor: null,
  tran: null,
  pttype: null,
  parttype: null,
  partuuid: null,
  fstype: null,
  mountpoints: [null],
  ...more,
});
const volume = disk({
  name: 'LocalStorage_PoolHDD-pvc--1',
  kname: 'dm-0',
  path: '/dev/mapper/LocalStorage_PoolHDD-pvc--1',
  'maj:min': '254:0',
  type: 'lvm',
  model: null,
  serial: null,
  wwn: null,
});
const listing = (...blockdevices: object[]): Recording => ({ stdout: JSON.stringify({ blockdevices }) });
const nothingFound = { exitCode: 2 };
const noSignature = { stdout: '{\n   "signatures": [\n\n   ]\n}\n' };
const zero = { dd: {}, cmp: { exitCode: 0 } };
const blank = { ...zero, 'blkid --probe': nothingFound, 'wipefs --json': noSignature };

describe('listing block devices', () => {
  test('what lsblk and the udev database say of a disk and what stands on it is put together', async () => {
    const udevadm = `DEVPATH=/devices/platform/uml-blkdev.1/block/ubdb
DEVNAME=/dev/ubdb
DEVTYPE=disk
USEC_INITIALIZED=4047940
ID_BUS=scsi
ID_VENDOR=LAB
DEVLINKS=/dev/disk/by-id/wwn-0x5000c50000000162 /dev/disk/by-diskseq/2 /dev/disk/by-path/lab-ubdb /dev/disk/by-id/scsi-LAB1B
DEVPATH=/devices/virtual/block/dm-0
DEVNAME=/dev/dm-0
DEVTYPE=disk
`;
    const { run } = replay({ lsblk: listing(disk({ children: [volume] })), udevadm: { stdout: udevadm } });
    expect(await scan(run, { signal })).toEqual([
      {
        path: '/dev/mapper/LocalStorage_PoolHDD-pvc--1',
        kernelName: 'dm-0',
        majorMinor: '254:0',
        sizeBytes: 1_073_741_824,
        type: 'lvm',
        readOnly: false,
        removable: false,
        rotational: true,
        links: [],
        mountPoints: [],
        holders: [],
        parent: 'ubdb',
        children: [],
        inUdevDatabase: false,
        virtual: true,
      },
      {
        path: '/dev/ubdb',
        kernelName: 'ubdb',
        majorMinor: '98:16',
        sizeBytes: 1_073_741_824,
        type: 'disk',
        readOnly: false,
        removable: false,
        rotational: true,
        model: 'Spinning-Disk',
        vendor: 'LAB',
        serial: 'LAB1B',
        wwn: '0x5000c50000000162',
        transport: 'scsi',
        links: ['/dev/disk/by-id/scsi-LAB1B', '/dev/disk/by-id/wwn-0x5000c50000000162', '/dev/disk/by-path/lab-ubdb'],
        mountPoints: [],
        holders: ['dm-0'],
        children: ['dm-0'],
        inUdevDatabase: true,
      },
    ]);
  });
});

describe('probing a disk', () => {
  const probe = async (recordings: Record<string, Recording>, held = false) => {
    const { run } = replay({ lsblk: listing(disk()), ...blank, ...recordings });
    return probeDisk({ run, isHeldExclusively: async () => held }, '/dev/ubdb', { signal });
  };

  test('a disk that reads as zeros and that no prober knows is blank', async () => {
    expect(await probe({})).toEqual({
      path: '/dev/ubdb',
      majorMinor: '98:16',
      sizeBytes: 1_073_741_824,
      readable: true,
      signatures: [],
      ambivalent: false,
      edgesZero: true,
      blank: true,
    });
  });

  test('a disk that fails its reads is not blank, though both probers find nothing', async () => {
    const dd = { exitCode: 1, stderr: "dd: error reading '/dev/ubdb': Input/output error\n" };
    expect(await probe({ dd })).toMatchObject({
      readable: false,
      readError: "dd: error reading '/dev/ubdb': Input/output error",
      blank: false,
    });
  });

  test('nothing found, but with a word on stderr, is not blank', async () => {
    const stderr = 'blkid: error: /dev/ubdb: Wrong medium type\n';
    expect(await probe({ 'blkid --probe': { exitCode: 2, stderr } })).toMatchObject({
      readable: false,
      readError: 'blkid: error: /dev/ubdb: Wrong medium type',
      blank: false,
    });
  });

  test('signatures that exclude each other are not blank', async () => {
    expect(await probe({ 'blkid --probe': { exitCode: 8 } })).toMatchObject({ ambivalent: true, blank: false });
  });

  test('a file system is told with its place', async () => {
    const recordings = {
      'blkid --probe': {
        stdout: 'DEVNAME=/dev/ubdb\nUUID=7800e0e0-7705-44f9-9ff6-e5536f61a431\nTYPE=ext4\nUSAGE=filesystem\n',
      },
      'wipefs --json': {
        stdout:
          '{"signatures": [{"device": "ubdb", "offset": "0x438", "type": "ext4", "uuid": "7800e0e0", "label": null}]}',
      },
      cmp: { exitCode: 1 },
    };
    expect(await probe(recordings)).toMatchObject({
      signatures: [{ type: 'ext4', offsetBytes: 1080, uuid: '7800e0e0' }],
      edgesZero: false,
      blank: false,
    });
  });

  test('a partition table that only one prober tells is a signature, too', async () => {
    const stdout = 'DEVNAME=/dev/ubdb\nPTUUID=3a1f\nPTTYPE=gpt\n';
    expect(await probe({ 'blkid --probe': { stdout } })).toMatchObject({
      signatures: [{ type: 'gpt', uuid: '3a1f' }],
      blank: false,
    });
  });

  test.each([
    ['mounted', { mountpoints: ['/data'] }, false, 'mounted on /data'],
    ['swap', { mountpoints: ['[SWAP]'] }, false, 'used as swap'],
    ['held by a volume', { children: [volume] }, false, 'held by /dev/mapper/LocalStorage_PoolHDD-pvc--1 (lvm)'],
    ['partitioned', { children: [disk({ kname: 'ubdb1', type: 'part' })] }, false, 'partitioned (ubdb1)'],
    [
      'mounted below a partition',
      { children: [disk({ kname: 'ubdb1', type: 'part', mountpoints: ['/boot'] })] },
      false,
      'partitioned (ubdb1)',
    ],
    ['opened by a user the kernel does not list', {}, true, 'opened exclusively by somebody'],
  ])('%s is busy', async (_how, more, held, busy) => {
    expect(await probe({ lsblk: listing(disk(more)) }, held)).toMatchObject({ busy });
  });

  test('a path that is no device is not found', async () => {
    const lsblk = { exitCode: 32, stdout: '{"blockdevices": []}', stderr: 'lsblk: /dev/ubdb: not a block device\n' };
    await expect(probe({ lsblk })).rejects.toMatchObject({ code: 'DEVICE_NOT_FOUND' });
  });
});

describe('looking at a disk right before it is taken', () => {
  const meant = { path: '/dev/ubdb', majorMinor: '98:16', sizeBytes: 1_073_741_824, serial: 'LAB1B' };
  const check = async (recordings: Record<string, Recording>): Promise<void> => {
    const { run } = replay({ lsblk: listing(disk()), ...blank, ...recordings });
    return checkDevice({ run, isHeldExclusively: async () => false }, meant, 'vgcreate', { signal });
  };

  test('the blank one that was meant passes', async () => {
    await expect(check({})).resolves.toBeUndefined();
  });

  test('another disk under the same name is refused with what differs', async () => {
    const exchanged = check({ lsblk: listing(disk({ serial: 'OTHER' })) });
    await expect(exchanged).rejects.toMatchObject({ code: 'DEVICE_CHANGED', stderr: 'serial was LAB1B, is OTHER' });
  });

  test('another partition of that number, or one that is meant for something else since, is refused', async () => {
    const partition = { path: '/dev/ubdb1', majorMinor: '98:17', sizeBytes: 1_073_741_824 };
    const [linux, boot] = ['0fc63daf-8483-4772-8e79-3d69d8477de4', '21686148-6449-6e6f-744e-656564454649'];
    const wanted = { ...partition, partitionUuid: 'eb322efb', partitionType: linux };
    const told = (partuuid: string, parttype: string) =>
      listing(
        disk({
          kname: 'ubdb1',
          path: '/dev/ubdb1',
          'maj:min': '98:17',
          type: 'part',
          serial: null,
          partuuid,
          parttype,
        }),
      );
    const checked = (lsblk: Recording): Promise<void> => {
      const { run } = replay({ lsblk, ...blank });
      return checkDevice({ run, isHeldExclusively: async () => false }, wanted, 'vgextend', { signal });
    };
    await expect(checked(told('eb322efb', linux.toUpperCase()))).resolves.toBeUndefined();
    await expect(checked(told('d17d161b', linux))).rejects.toMatchObject({
      code: 'DEVICE_CHANGED',
      stderr: 'UUID of the partition was eb322efb, is d17d161b',
    });
    await expect(checked(told('eb322efb', boot))).rejects.toMatchObject({ code: 'DEVICE_CHANGED' });
  });

  test('a label that an interrupted try left passes: lvm knows whether it belongs to a group', async () => {
    const label = { stdout: 'DEVNAME=/dev/ubdb\nUUID=4qk6q1\nTYPE=LVM2_member\nUSAGE=raid\n' };
    await expect(check({ 'blkid --probe': label })).resolves.toBeUndefined();
  });

  test.each([
    ['read-only', { lsblk: listing(disk({ ro: true })) }, 'DEVICE_IN_USE'],
    ['mounted', { lsblk: listing(disk({ mountpoints: ['/data'] })) }, 'DEVICE_IN_USE'],
    ['one path of several', { lsblk: listing(disk({ fstype: 'mpath_member' })) }, 'DEVICE_IN_USE'],
    ['unreadable', { dd: { exitCode: 1, stderr: 'Input/output error' } }, 'DEVICE_UNREADABLE'],
    ['with a signature', { 'blkid --probe': { stdout: 'TYPE=crypto_LUKS\n' } }, 'SIGNATURE_FOUND'],
    ['with several that exclude each other', { 'blkid --probe': { exitCode: 8 } }, 'SIGNATURE_FOUND'],
  ])('%s it is refused', async (_how, recordings, code) => {
    await expect(check(recordings)).rejects.toMatchObject({ code });
  });
});
