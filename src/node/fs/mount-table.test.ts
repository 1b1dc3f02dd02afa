// Recorded on Linux 6.1 with util-linux 2.38.
import { expect, test } from 'vitest';
import { filesOf } from '../../../test/support/replay.ts';
import { mountTable } from './mount-table.ts';

const mountinfo = `23 1 0:21 / / rw,relatime - overlay overlay rw,lowerdir=/
24 23 0:5 / /dev rw,nosuid shared:2 - devtmpfs udev rw,size=4096k
61 23 254:0 / /var/lib/kubelet/a\\040staging\\134 rw,noatime shared:31 - ext4 /dev/mapper/p-pvc--1 rw
62 23 254:0 / /var/lib/kubelet/pods/1/mount ro,noatime shared:31 - ext4 /dev/mapper/p-pvc--1 rw
63 23 254:1 / /mnt/ro rw - xfs /dev/mapper/p-pvc--2 ro
64 23 0:5 /dm-2 /var/lib/kubelet/plugins/block rw shared:2 - devtmpfs udev rw,size=4096k
65 23 0:5 /null /run/null rw shared:2 - devtmpfs udev rw,size=4096k
`;

test('tells what stands on block devices, or is one that was bound onto a file', async () => {
  const files = filesOf({ '/proc/1/mountinfo': mountinfo, '/sys/class/block/dm-2/dev': '254:2\n' });
  const filesystem = { kind: 'filesystem', root: '/' };
  expect(await mountTable(files)).toEqual([
    {
      ...filesystem,
      target: '/var/lib/kubelet/a staging\\',
      device: '254:0',
      fsType: 'ext4',
      readOnly: false,
    },
    { ...filesystem, target: '/var/lib/kubelet/pods/1/mount', device: '254:0', fsType: 'ext4', readOnly: true },
    { ...filesystem, target: '/mnt/ro', device: '254:1', fsType: 'xfs', readOnly: true },
    {
      kind: 'device',
      root: '/dm-2',
      target: '/var/lib/kubelet/plugins/block',
      device: '254:2',
      fsType: 'devtmpfs',
      readOnly: false,
    },
  ]);
});

test('does not take a table that can’t be read for an empty one', async () => {
  await expect(mountTable(filesOf({}))).rejects.toMatchObject({ code: 'FAILED' });
});
