import { afterAll, expect, test } from 'vitest';
import type { LocalStorageNode, LocalStorageNodeStatus } from '../../src/api/local-storage-node.schema.ts';
import { mib } from '../../src/api/units.ts';
import { describeOnLab } from './harness/lab.ts';
import { measured } from './harness/measured.ts';
import { wipeNode } from './harness/nodes.ts';
import { apply, claim, fieldOf, makeVolume, removeVolume, runProduct } from './harness/product.ts';

/** Where Debian has all of LVM: lvs, vgs and the others are links to it. */
const lvm = '/usr/sbin/lvm';

describeOnLab('the documented procedures around disks and pools', (lab) => {
  const node1 = lab.node('node1');
  const node3 = lab.node('node3');

  runProduct(lab, { poolsOn: ['node3'] });
  afterAll(async () => {
    await node1.shell(`[ -e ${lvm} ] || mv ${lvm}.away ${lvm}`);
    for (const { name } of [node1, node3]) await wipeNode(lab, name);
  });

  const shows = (path: string) => (text: string) => text.includes(`devPath: ${path}\n`);
  const yamlOf = (node: string) => (): Promise<string> => lab.runKubectl(['get', 'lsn', node, '-o', 'yaml']);
  const describeClaim = (name: string): Promise<string> => lab.runKubectl(['describe', 'ldc', name]);
  const phaseOf = (claimName: string) => (): Promise<string> => fieldOf(lab, 'ldc', claimName, '.status.status');

  async function statusOf(node: string): Promise<LocalStorageNodeStatus> {
    const { status } = JSON.parse(await lab.runKubectl(['get', 'lsn', node, '-o', 'json'])) as LocalStorageNode;
    return status ?? {};
  }
  const available = async () => (await statusOf('node1')).conditions?.find(({ type }) => type === 'Available');

  test('Q4: without LVM2 the LocalStorageNode says so, with the command; once it is installed all goes on by itself', async () => {
    await node1.run(['mv', lvm, `${lvm}.away`]);
    await node1.killProgram('agent'); // it begins anew, on a host onto which nobody installed LVM yet
    await apply(lab, claim('node1'));
    const lacking = await measured(
      'Q4: LVM missing, told by the node',
      available,
      (seen) => seen?.reason === 'LvmMissing',
    );
    const install = /apt(-get)? install lvm2/;
    expect(lacking).toMatchObject({ status: 'False', message: expect.stringMatching(install) });
    await measured(
      'Q4: LVM missing, told by the claim',
      () => describeClaim('node1-claim'),
      (text) => install.test(text),
    );
    expect(await phaseOf('node1-claim')()).toBe('Pending');

    await node1.run(['mv', `${lvm}.away`, lvm]);
    await measured('Q4: LVM installed, seen by the node', available, (seen) => seen?.status === 'True');
    await measured('Q4: and its claim met', phaseOf('node1-claim'), (seen) => seen === 'Consumed');
    const pool = async () => (await statusOf('node1')).pools?.['LocalStorage_PoolHDD'];
    await measured('Q4: and its pool shown', pool, (seen) => seen?.state === 'Healthy');
  });

  test('Q4: a disk with old partitions says so, with the command; wipefs -a, typed, heals the claim', async () => {
    const disk = await node1.disks.add({ sizeBytes: mib(512), serial: 'OLD', rotational: false });
    await node1.shell(`
      printf 'label: gpt\n,128M\n,\n' | sfdisk -q ${disk}
      udevadm settle
      mkfs.ext4 -q ${disk}1
      udevadm settle`);
    await apply(lab, { ...claim('node1', 'SSD'), metadata: { name: 'node1-ssd' } });
    const told = await measured(
      'Q4: an old partition table, told by the claim',
      () => describeClaim('node1-ssd'),
      (text) => text.includes('partition'),
    );
    expect(told).toContain(`wipefs -a ${disk}`);
    expect(await node1.shell(`blkid ${disk}*`)).toContain('ext4');

    await node1.run(['wipefs', '-a', disk]);
    await measured('Q4: wipefs -a, claim met', phaseOf('node1-ssd'), (seen) => seen === 'Consumed');
    await measured('Q4: and the disk shown in its pool', yamlOf('node1'), shows(disk));
  });

  test('Q6: a pool made and grown by hand, with a partition too, is shown with its disks', async () => {
    const [first = '', second = ''] = await Promise.all(
      ['', ''].map((serial) => node3.disks.add({ sizeBytes: mib(256), serial, rotational: false })),
    );
    await node3.shell(`printf 'label: gpt\n,128M\n,\n' | sfdisk -q ${second}; udevadm settle`);
    await node3.run(['vgcreate', 'LocalStorage_PoolSSD', first]);
    await measured('Q6: vgcreate, shown', yamlOf('node3'), shows(first));
    await node3.run(['vgextend', 'LocalStorage_PoolSSD', `${second}1`]);
    await measured('Q6: vgextend by a partition, shown', yamlOf('node3'), shows(`${second}1`));
    await node3.run(['pvcreate', '-q', `${second}2`]);
    await node3.run(['vgextend', 'LocalStorage_PoolSSD', `${second}2`]);
    await measured('Q6: and by the other one', yamlOf('node3'), shows(`${second}2`));

    const columns = ['--noheadings', '--units', 'b', '--nosuffix', '-o', 'vg_size'];
    const size = Number(await node3.run(['vgs', ...columns, 'LocalStorage_PoolSSD']));
    const pool = async () => (await statusOf('node3')).pools?.['LocalStorage_PoolSSD'];
    await measured('Q6: and its whole size', pool, (seen) => seen?.totalCapacityBytes === size);
    expect(await pool()).toMatchObject({ state: 'Healthy' });
  });

  test('Q6: a volume is made on what was added by hand, and the pool goes as it came', async () => {
    await makeVolume(lab, 'on-hand-made', 'node3', mib(32), 'LocalStorage_PoolSSD');
    await removeVolume(lab, 'on-hand-made');
    await node3.run(['vgremove', '-y', 'LocalStorage_PoolSSD']);
    await measured('Q6: vgremove, shown', yamlOf('node3'), (text) => !text.includes('LocalStorage_PoolSSD'));
  });
});
