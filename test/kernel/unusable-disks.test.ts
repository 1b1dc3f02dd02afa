import { constants } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { codeOf, identityOf, signal } from '../contract/bench.ts';
import { describeOnLab } from './harness/lab.ts';
import { eventually } from './harness/product.ts';
import { contractHost, nodeDisks, toolsOf, wipeNode } from './harness/nodes.ts';

const mib = 1024 ** 2;

describeOnLab('a disk that holds something', (lab) => {
  const node = lab.node('node1');
  const host = contractHost(node, '10.77.0.11');
  const [path, other] = nodeDisks;
  const take = async (): Promise<string> => {
    const device = await identityOf(host, path);
    return codeOf(host.tools.lvm.createVolumeGroup({ name: 'pool', device, tags: [] }, signal));
  };

  beforeEach(() => wipeNode(lab, node.name));

  test.each([
    ['an XFS', `mkfs.xfs -q ${path}`, ['xfs'], 'SIGNATURE_FOUND'],
    ['a partition table', `printf 'label: gpt\\nsize=64M\\n' | sfdisk -q ${path}`, ['gpt'], 'DEVICE_IN_USE'],
    ['an empty partition table', `printf 'label: gpt\\n' | sfdisk -q ${path}`, ['gpt'], 'SIGNATURE_FOUND'],
    ['swap space', `mkswap -q ${path}`, ['swap'], 'SIGNATURE_FOUND'],
    ['a mount', `mkfs.ext4 -q ${path}; mkdir -p /mnt/held; mount -o ro ${path} /mnt/held`, ['ext4'], 'DEVICE_IN_USE'],
    [
      'the idle physical volume of another group',
      `vgcreate -qq other ${path}; vgchange -qq -an other`,
      ['LVM2_member'],
      'SIGNATURE_FOUND',
    ],
  ])('%s is told and stays untouched', async (_what, prepare, types, code) => {
    await node.shell(`${prepare}; udevadm settle; sync`);
    try {
      const before = await host.fingerprint(path);
      const probe = await host.tools.disks.probe(path, signal);
      expect(probe.blank).toBe(false);
      expect(probe.signatures.map(({ type }) => type)).toEqual(expect.arrayContaining(types));
      expect(await take()).toBe(code);
      expect(await host.fingerprint(path)).toBe(before);
    } finally {
      await node.shell('umount /mnt/held 2>/dev/null || true');
    }
  });

  test('or that a process has for itself alone is in use, though the kernel lists no user', async () => {
    const open = `require('node:fs').openSync('${path}', ${constants.O_RDONLY | constants.O_EXCL})`;
    const script = `${open}; setTimeout(() => {}, 600_000)`;
    const pid = (await node.shell(`${process.execPath} --eval "${script}" > /dev/null 2>&1 & echo $!`)).trim();
    try {
      const busy = async () => (await host.tools.disks.probe(path, signal)).busy;
      await eventually('the process having it', busy, (seen) => seen !== undefined);
      expect(await busy()).toBe('opened exclusively by somebody');
      expect(await take()).toBe('DEVICE_IN_USE');
    } finally {
      await node.shell(`kill ${pid}; while [ -e /proc/${pid} ]; do sleep 0.05; done`);
    }
    expect((await host.tools.disks.probe(path, signal)).busy).toBeUndefined();
  });

  test('or fails its reads is unreadable, not blank, though blkid takes it for blank', async () => {
    await node.disks.fail(path, 'reads');
    try {
      const blkid = await node.exec(['blkid', '-p', path]);
      expect(blkid).toMatchObject({ exitCode: 2, stdout: '' });
      const probe = await host.tools.disks.probe(path, signal);
      expect(probe).toMatchObject({ readable: false, blank: false, readError: expect.stringContaining('error') });
      expect(await take()).toBe('DEVICE_UNREADABLE');
    } finally {
      await node.disks.fail(path, 'none');
    }
  });

  test('or is a byte copy of a pool’s disk shows both as duplicates, and the pool can’t be changed', async () => {
    const { lvm } = host.tools;
    const device = await identityOf(host, path);
    const volumeGroup = await lvm.createVolumeGroup({ name: 'pool', device, tags: [] }, signal);
    await node.shell(`dd if=${path} of=${other} bs=1M count=4 conv=fsync,notrunc status=none; udevadm settle`);
    const seen = await lvm.physicalVolumes(signal);
    expect(seen.filter(({ duplicate }) => duplicate).map((pv) => pv.device)).toEqual([path, other]);
    const create = lvm.createLogicalVolume({ volumeGroup, name: 'pvc-1', sizeBytes: mib, tags: ['a'] }, signal);
    expect(await codeOf(create)).toBe('PV_DUPLICATE');
    await node.shell(`dd if=/dev/zero of=${other} bs=1M count=4 conv=fsync,notrunc status=none; udevadm settle`);
  });

  test('and has a label of an interrupted try, yet belongs to no group, is taken', async () => {
    await node.shell(`pvcreate -qq ${path}`);
    expect(await take()).toBe('done');
    expect(await toolsOf(node).lvm.volumeGroups(signal)).toMatchObject([{ name: 'pool', physicalVolumeCount: 1 }]);
  });
});
