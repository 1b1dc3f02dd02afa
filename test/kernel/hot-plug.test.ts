import { expect, test } from 'vitest';
import type { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { mib } from '../../src/api/units.ts';
import { scsiDisks } from '../lab/index.ts';
import { describeOnLab } from './harness/lab.ts';
import { lvmChanges } from './harness/lvm-log.ts';
import { printSeconds } from './harness/measured.ts';
import { apply, claim, eventually, fieldOf, runProduct } from './harness/product.ts';

const pool = 'LocalStorage_PoolSSD';
const diskBytes = mib(128);

/** What is on disks while udev can't be asked, and what it makes of them. */
const held = [
  {
    name: 'parts',
    prepare: (path: string) => `printf 'label: gpt\\nsize=32M\\n' | sfdisk -q ${path}`,
    reason: 'Partitioned',
  },
  { name: 'table', prepare: (path: string) => `printf 'label: gpt\\n' | sfdisk -q ${path}`, reason: 'HasSignature' },
  { name: 'group', prepare: (path: string) => `vgcreate -qq strangers ${path}`, reason: 'ForeignGroup' },
  { name: 'orphan', prepare: (path: string) => `pvcreate -qq ${path}`, reason: 'HasSignature' },
  // Nothing speaks against it, but that it may be any.
  { name: 'blank', prepare: () => 'true', reason: 'NotInUdev' },
];

const flash = { ...claim('node1', 'SSD'), metadata: { name: 'flash' } };

describeOnLab('disks that come, go and grow while the node runs', (lab) => {
  const node = lab.node('node1');
  const disks = scsiDisks(node);
  const paths = new Map<string, string>();
  const before = new Map<string, string>();

  const firstMiB = (path: string): Promise<string> => node.shell(`head -c ${mib(1)} ${path} | sha256sum`);
  const hideUdev = 'mount -t tmpfs -o ro hidden /run/udev';

  runProduct(lab, {
    prepare: async () => {
      for (const { name, prepare } of held) {
        const path = await disks.add({ name, sizeBytes: diskBytes });
        paths.set(name, path);
        await node.shell(`${prepare(path)}; udevadm settle; sync`);
        before.set(name, await firstMiB(path));
      }
      await node.shell(hideUdev);
    },
  });

  const shownDisks = async (): Promise<LocalDisk[]> => {
    const { items } = JSON.parse(await lab.runKubectl(['get', 'ld', '-o', 'json'])) as { items: LocalDisk[] };
    return items.filter(({ spec }) => spec.nodeName === node.name);
  };
  const diskAt = async (path: string | undefined): Promise<LocalDisk | undefined> =>
    (await shownDisks()).find(({ spec }) => spec.devicePath === path);
  const conditionOf = (disk: LocalDisk | undefined, wanted: string) =>
    disk?.status?.conditions?.find(({ type }) => type === wanted);
  const usable = (disk: LocalDisk | undefined) => conditionOf(disk, 'Usable');
  const claimState = (name: string) => () => fieldOf(lab, 'ldc', name, '.status.status');
  const totalOf = async (): Promise<number> =>
    Number(await fieldOf(lab, 'lsn', 'node1', `.status.pools.${pool}.totalCapacityBytes`));
  const poolState = () => fieldOf(lab, 'lsn', 'node1', `.status.pools.${pool}.state`);

  test('are in use where they hold a table or a physical volume, though udev can’t be asked', async () => {
    const look = () => Promise.all(held.map(({ name }) => diskAt(paths.get(name))));
    const shown = await eventually('each disk being judged', look, (all) => all.every((disk) => usable(disk)));
    expect(shown.map(usable)).toMatchObject(held.map(({ reason }) => ({ status: 'False', reason })));
    expect(shown.map((disk) => disk?.status?.claimState)).not.toContain('Available');
    const distinguishable = '.status.conditions[?(@.type=="DisksDistinguishable")].reason';
    expect(await fieldOf(lab, 'lsn', 'node1', distinguishable)).toBe('NoUdevDatabase');

    await apply(lab, flash);
    await eventually(
      'the claim waiting',
      () => fieldOf(lab, 'ldc', 'flash', '.status.reason'),
      (seen) => seen !== '',
    );
    expect(await claimState('flash')()).toBe('Pending');
    for (const { name } of held)
      expect([name, await firstMiB(paths.get(name) ?? '')]).toEqual([name, before.get(name)]);
    expect((await lvmChanges(node)).filter((change) => /\/dev\/sd/.test(change))).toEqual([]);

    await lab.runKubectl(['delete', 'ldc', 'flash', '--timeout=120s']);
    await node.shell('umount /run/udev');
    await lab.runKubectl(['annotate', 'lsn', 'node1', 'looked=again']);
    await eventually(
      'udev being asked again',
      () => fieldOf(lab, 'lsn', 'node1', distinguishable),
      (reason) => reason === 'Observed',
    );
    const known = await eventually('each disk telling its number', look, (all) =>
      all.every((disk) => disk?.spec.diskAttributes?.serialNumber !== undefined),
    );
    const available = known.filter((disk) => disk?.status?.claimState === 'Available');
    expect(available.map((disk) => disk?.spec.devicePath)).toEqual([paths.get('blank')]);
    await eventually('what was known by its place alone going', shownDisks, (all) =>
      all.every(({ spec }) => spec.state === 'Active'),
    );
    await node.shell('vgremove -qq strangers');
  });

  test('are shown as gone when they are pulled though nobody claimed them', async () => {
    const { metadata } = (await diskAt(paths.get('table'))) ?? { metadata: { name: '' } };
    const pulledMs = performance.now();
    await disks.pull('table');
    await eventually(
      'the disk being Inactive',
      () => fieldOf(lab, 'ld', metadata.name, '.spec.state'),
      (state) => state === 'Inactive',
    );
    printSeconds('the disk was shown as gone', pulledMs);
    const gone = (await shownDisks()).find(({ metadata: { name } }) => name === metadata.name);
    expect(usable(gone)).toMatchObject({
      status: 'False',
      reason: 'Inactive',
      message: expect.stringContaining('plugged in'),
    });
    for (const { name } of held) await disks.remove(name);
    // A claim would still choose one that was seen last.
    await eventually('all of them being Inactive', shownDisks, (all) =>
      all.every(({ spec }) => spec.state === 'Inactive' || !spec.devicePath?.startsWith('/dev/sd')),
    );
  });

  test('are seen as they are plugged in, and taken by the claim that waits', async () => {
    await apply(lab, flash);
    await eventually('the claim waiting', claimState('flash'), (state) => state === 'Pending');
    const pluggedMs = performance.now();
    const path = await disks.add({ name: 'fresh', sizeBytes: diskBytes });
    paths.set('fresh', path);
    await eventually(
      'the disk being shown',
      () => diskAt(path),
      (disk) => disk?.spec.diskAttributes?.serialNumber === disks.serialOf('fresh'),
    );
    printSeconds('a new disk was in kubectl get ld', pluggedMs);
    await eventually('the claim having it', claimState('flash'), (state) => state === 'Consumed');
    await eventually('the pool', poolState, (state) => state === 'Healthy');
    printSeconds('its claim had made a pool of it', pluggedMs);
  });

  test('give their pool the room when they grow', async () => {
    const total = await totalOf();
    const grownMs = performance.now();
    await disks.grow('fresh', 2 * diskBytes);
    await eventually('the pool having the room', totalOf, (seen) => seen > total);
    printSeconds('the pool had the room of a disk that grew', grownMs);
    expect(await totalOf()).toBe(total + diskBytes);
    expect((await lvmChanges(node)).at(-1)).toMatch(/^pvresize .*\/dev\/sd/);
  });

  test('are shown as gone when they are pulled though a claim has them, and come back to it', async () => {
    const { metadata } = (await diskAt(paths.get('fresh'))) ?? { metadata: { name: '' } };
    const pulledMs = performance.now();
    await disks.pull('fresh');
    await eventually(
      'the disk being Inactive',
      () => fieldOf(lab, 'ld', metadata.name, '.spec.state'),
      (state) => state === 'Inactive',
    );
    await eventually('the pool being Missing', poolState, (state) => state === 'Missing');
    printSeconds('disk and pool were shown as gone', pulledMs);
    const gone = (await shownDisks()).find(({ metadata: { name } }) => name === metadata.name);
    expect(gone?.spec).toMatchObject({ claimRef: { name: 'flash' }, preDevicePath: paths.get('fresh') });
    expect(usable(gone)?.message).toContain('plug the disk in again');
    paths.set('fresh', await disks.replug('fresh'));
    await eventually('the pool being back', poolState, (state) => state === 'Healthy');
    // A look that came before udev's may have found a disk there that nobody could tell.
    await eventually(
      'its LocalDisk having it again',
      () => diskAt(paths.get('fresh')),
      (disk) => disk?.metadata.name === metadata.name && disk.spec.state === 'Active',
    );
  });

  test('can be claimed by the partition, and the others on the disk stay as they are', async () => {
    const whole = await disks.add({ name: 'shared', sizeBytes: diskBytes * 2 });
    await node.shell(`
      printf 'label: gpt\\nsize=100M\\nsize=100M\\n' | sfdisk -q ${whole}; udevadm settle
      mkfs.ext4 -q ${whole}2; udevadm settle; sync`);
    const other = await firstMiB(`${whole}2`);
    await eventually(
      'both partitions being shown',
      () => diskAt(`${whole}1`),
      (disk) => usable(disk)?.status === 'True',
    );
    await apply(lab, {
      ...claim('node1'),
      metadata: { name: 'part' },
      spec: { nodeName: 'node1', owner: 'local-storage', description: { devicePaths: [`${whole}1`] } },
    });
    await eventually('the claim having it', claimState('part'), (state) => state === 'Consumed');
    const members = (await node.run(['vgs', '--noheadings', '-o', 'pv_name', pool])).trim().split(/\s+/);
    expect(members).toEqual(expect.arrayContaining([`${whole}1`]));
    expect(members).not.toContain(`${whole}2`);
    expect(await firstMiB(`${whole}2`)).toBe(other);
    const left = await diskAt(`${whole}2`);
    expect(left?.spec.claimRef).toBeUndefined();
    expect(usable(left)).toMatchObject({ status: 'False', reason: 'HasSignature' });
    expect((await diskAt(whole))?.status?.claimState).not.toBe('Available');
  });
});
