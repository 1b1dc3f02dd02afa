// Recorded from e2fsprogs 1.47.0 and xfsprogs 6.1.0.
import { expect, test } from 'vitest';
import { blank } from '../../../test/shapes/probes.ts';
import { type Recording, replay } from '../../../test/support/replay.ts';
import { mkfs } from './mkfs.ts';

const { signal } = new AbortController();
const device = '/dev/p/pvc-1';

const lsblk = (more: object = {}): Recording => ({
  stdout: JSON.stringify({
    blockdevices: [
      {
        ...Object.fromEntries(
          ['model', 'serial', 'wwn', 'vendor', 'tran', 'pttype', 'parttype', 'partuuid', 'fstype'].map((key) => [
            key,
            null,
          ]),
        ),
        name: 'p-pvc--1',
        kname: 'dm-0',
        path: '/dev/mapper/p-pvc--1',
        'maj:min': '254:0',
        type: 'lvm',
        size: 16 * 1024 ** 2,
        ro: false,
        rm: false,
        rota: true,
        mountpoints: [null],
        ...more,
      },
    ],
  }),
});
const made = { 'mkfs.ext4': {}, 'mkfs.xfs': {} };
const formatted = (ran: readonly string[]): string[] => ran.filter((line) => line.startsWith('mkfs'));

test.each([
  ['ext4', 'mkfs.ext4 -q -m 0 -E nodiscard /dev/p/pvc-1'],
  ['xfs', 'mkfs.xfs -q -K /dev/p/pvc-1'],
] as const)('makes %s on a blank volume, and is not forced', async (fsType, line) => {
  const { run, ran } = replay({ ...blank, ...made, lsblk: lsblk() });
  await mkfs(run, { device, fsType }, { signal });
  expect(formatted(ran)).toEqual([line]);
});

const ext4 = { signatures: [{ device: 'dm-0', offset: '0x438', type: 'ext4', uuid: 'u', label: null }] };
const withExt4 = {
  'blkid --probe': { stdout: 'DEVNAME=/dev/dm-0\nUUID=u\nTYPE=ext4\n' },
  'wipefs --json': { stdout: JSON.stringify(ext4) },
};

test.each([
  ['a file system', withExt4, 'SIGNATURE_FOUND'],
  ['signatures that exclude each other', { 'blkid --probe': { exitCode: 8 } }, 'SIGNATURE_FOUND'],
  [
    'a device that can’t be read, which blkid calls blank',
    { dd: { exitCode: 1, stderr: 'dd: error reading: Input/output error' } },
    'DEVICE_UNREADABLE',
  ],
  ['a prober that complains', { 'blkid --probe': { exitCode: 2, stderr: 'error: I/O' } }, 'DEVICE_UNREADABLE'],
  ['a mounted volume', { lsblk: lsblk({ mountpoints: ['/mnt'] }) }, 'DEVICE_IN_USE'],
  ['a read-only volume', { lsblk: lsblk({ ro: true }) }, 'DEVICE_IN_USE'],
])('formats nothing where there is %s', async (_what, found, code) => {
  const { run, ran } = replay({ ...found, ...blank, ...made, lsblk: lsblk(), ...found });
  await expect(mkfs(run, { device, fsType: 'xfs' }, { signal })).rejects.toMatchObject({ code });
  expect(formatted(ran)).toEqual([]);
});

test('makes one anew that was begun and never used, and no other', async () => {
  const { run, ran } = replay({ ...blank, ...made, lsblk: lsblk(), ...withExt4 });
  await expect(mkfs(run, { device, fsType: 'xfs', remake: true }, { signal })).rejects.toMatchObject({
    code: 'SIGNATURE_FOUND',
  });
  await mkfs(run, { device, fsType: 'ext4', remake: true }, { signal });
  expect(formatted(ran)).toEqual(['mkfs.ext4 -q -m 0 -E nodiscard -F /dev/p/pvc-1']);
});
