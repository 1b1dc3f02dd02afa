import { beforeEach, expect, test } from 'vitest';
import { codeOf, identityOf, signal } from '../contract/bench.ts';
import { describeOnLab } from './harness/lab.ts';
import { contractHost, nodeDisks, wipeNode } from './harness/nodes.ts';

const [path] = nodeDisks;

describeOnLab('wiping a disk with partitions', (lab) => {
  const node = lab.node('node1');
  const host = contractHost(node, '10.77.0.11');
  const { disks } = host.tools;

  beforeEach(async () => {
    await wipeNode(lab, node.name);
    await node.shell(`
      printf 'label: gpt\\nsize=64M\\nsize=64M\\n' | sfdisk -q ${path}
      udevadm settle
      mkfs.ext4 -q ${path}1
      pvcreate -qq -y ${path}2
      udevadm settle`);
  });

  const choose = async () => {
    const { signatures, partitions } = await disks.content(path, signal);
    return { device: await identityOf(host, path), seen: { signatures, partitions } };
  };

  test('takes all of it off, and leaves nothing that the same table would bring back', async () => {
    const chosen = await choose();
    expect(chosen.seen.partitions).toEqual(['1', '2']);
    const found = chosen.seen.signatures.map(({ type, partition = '' }) => `${partition} ${type}`);
    expect(new Set(found)).toEqual(new Set([' gpt', ' PMBR', '1 ext4', '2 LVM2_member']));
    expect(chosen.seen.signatures.find(({ type }) => type === 'gpt')?.uuid).toEqual(expect.any(String));
    await disks.wipe(chosen, signal);
    expect(await disks.content(path, signal)).toEqual({ signatures: [], partitions: [], blank: true });
    expect((await disks.scan(signal)).filter(({ parent }) => parent === path.replace('/dev/', ''))).toEqual([]);
    await node.shell(`printf 'label: gpt\\nsize=64M\\nsize=64M\\n' | sfdisk -q ${path}; udevadm settle`);
    const again = await disks.content(path, signal);
    expect(new Set(again.signatures.map(({ type }) => type))).toEqual(new Set(['gpt', 'PMBR']));
  });

  test('is refused when the table is another one by now, though it looks the same', async () => {
    const chosen = await choose();
    await node.shell(`printf 'label: gpt\\nsize=64M\\nsize=64M\\n' | sfdisk -q ${path}; udevadm settle`);
    const before = await host.fingerprint(path);
    expect(await codeOf(disks.wipe(chosen, signal))).toBe('CONTENT_CHANGED');
    expect(await host.fingerprint(path)).toBe(before);
  });

  test.each([
    ['a partition of it is mounted', `mkdir -p /mnt/x; mount ${path}1 /mnt/x`, 'umount /mnt/x', /mounted on \/mnt\/x/],
    [
      'a volume group that nobody uses has a partition',
      `vgcreate -qq theirs ${path}2`,
      'vgremove -qq theirs',
      /vgremove theirs$/,
    ],
  ])('is refused while %s', async (_why, begin, end, blocker) => {
    const chosen = await choose();
    await node.shell(begin);
    try {
      const before = await host.fingerprint(path);
      expect((await disks.content(path, signal)).blocker).toMatch(blocker);
      expect(await codeOf(disks.wipe(chosen, signal))).toBe('DEVICE_IN_USE');
      expect(await host.fingerprint(path)).toBe(before);
    } finally {
      await node.shell(end);
    }
  });

  test('is refused while a process has locked it, as a Ceph OSD locks its disk', async () => {
    const chosen = await choose();
    const pid = (await node.shell(`flock ${path}1 sleep 1000 > /dev/null 2>&1 & echo $!`)).trim();
    try {
      await node.shell(`until ! flock --nonblock ${path}1 true; do sleep 0.1; done`);
      expect(await codeOf(disks.wipe(chosen, signal))).toBe('DEVICE_IN_USE');
      expect((await disks.content(path, signal)).signatures.map(({ type }) => type)).toContain('ext4');
    } finally {
      // flock ends by itself when the command it runs has ended.
      await node.shell(`pkill -P ${pid}; while [ -e /proc/${pid} ]; do sleep 0.05; done`);
    }
  });
});
