import { afterAll, expect, test } from 'vitest';
import { mib } from '../../src/api/units.ts';
import { apply, eventually, fieldOf, runProduct } from './harness/product.ts';
import { describeOnLab } from './harness/lab.ts';
import { wipeNode } from './harness/nodes.ts';

interface Holder {
  /** Its serial number, too. */
  readonly what: string;
  readonly prepare: (path: string) => string;
  readonly reason: string;
  readonly message: RegExp;
}

const lazyOff = '-E lazy_itable_init=0,lazy_journal_init=0';

/** Disks that hold something, or can't be trusted. */
const holders: readonly Holder[] = [
  { what: 'ext4', prepare: (path) => `mkfs.ext4 -q ${path}`, reason: 'HasSignature', message: /ext4.*wipefs -a / },
  { what: 'xfs', prepare: (path) => `mkfs.xfs -q ${path}`, reason: 'HasSignature', message: /xfs.*wipefs -a / },
  {
    what: 'gpt',
    prepare: (path) => `printf 'label: gpt\\n' | sfdisk -q ${path}`,
    reason: 'Partitioned',
    message: /partition table/,
  },
  {
    what: 'foreign-group',
    prepare: (path) => `vgcreate -qq strangers ${path}`,
    reason: 'ForeignGroup',
    message: /strangers.*vgremove strangers; pvremove /,
  },
  {
    what: 'mounted',
    // Mounted for reading: what the kernel itself writes into a mounted file system is not what this is about.
    prepare: (path) => `mkfs.ext4 -q ${lazyOff} ${path}; mkdir -p /mnt/disks; mount -o ro ${path} /mnt/disks`,
    reason: 'Mounted',
    message: /\/mnt\/disks/,
  },
  { what: 'unreadable', prepare: () => 'true', reason: 'ReadError', message: /could not be read/ },
  { what: 'twin', prepare: () => 'true', reason: 'DuplicateIdentity', message: /same serial number/ },
  { what: 'twin', prepare: () => 'true', reason: 'DuplicateIdentity', message: /same serial number/ },
];

const ssdClaim = {
  apiVersion: 'hwameistor.io/v1alpha1',
  kind: 'LocalDiskClaim',
  metadata: { name: 'all-ssd' },
  spec: { nodeName: 'node1', owner: 'local-storage', description: { diskType: 'SSD' } },
};

interface ShownDisk {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly devicePath: string; readonly claimRef?: object };
  readonly status?: {
    readonly claimState: string;
    readonly conditions: readonly { type: string; status: string; reason: string; message: string }[];
  };
}

describeOnLab('a disk that is not certainly blank and free', (lab) => {
  const node = lab.node('node1');
  const paths: string[] = [];
  const before = new Map<string, string>();
  const unreadable = (): string => paths[holders.findIndex(({ what }) => what === 'unreadable')]!;
  const ext4 = (): string => paths[0]!;

  const firstMiB = (path: string): Promise<string> => node.shell(`head -c ${mib(1)} ${path} | sha256sum`);

  const prepare = async (): Promise<void> => {
    for (const { what, prepare } of holders) {
      // XFS takes nothing below 300 MiB; the images are holes, whatever their size.
      const path = await node.disks.add({ sizeBytes: mib(512), serial: `HELD-${what}`, rotational: false });
      paths.push(path);
      await node.shell(`${prepare(path)}; udevadm settle; sync`);
      before.set(path, await firstMiB(path));
    }
    await node.disks.fail(unreadable(), 'reads');
  };

  runProduct(lab, { prepare });
  // What is on these disks would be seen by every file that comes after.
  afterAll(() => wipeNode(lab, node.name));

  async function shownDisks(): Promise<(ShownDisk | undefined)[]> {
    const listed = JSON.parse(await lab.runKubectl(['get', 'ld', '-o', 'json'])) as {
      items: (ShownDisk & { spec: { nodeName: string } })[];
    };
    const onNode = listed.items.filter(({ spec }) => spec.nodeName === node.name);
    return paths.map((path) => onNode.find(({ spec }) => spec.devicePath === path));
  }

  const usable = (disk: ShownDisk | undefined) => disk?.status?.conditions.find(({ type }) => type === 'Usable');

  test('is shown with the reason', async () => {
    const shown = await eventually('each disk being judged', shownDisks, (disks) =>
      disks.every((disk) => usable(disk) !== undefined),
    );
    expect(shown.map(usable)).toMatchObject(
      holders.map(({ reason, message }) => ({ status: 'False', reason, message: expect.stringMatching(message) })),
    );
    expect(shown.map((disk) => disk?.status?.claimState)).not.toContain('Available');
  });

  test('is not taken by a claim that it matches otherwise, and the claim tells what speaks against each', async () => {
    await apply(lab, ssdClaim);
    const reason = await eventually(
      'the claim being looked at',
      () => fieldOf(lab, 'ldc', 'all-ssd', '.status.reason'),
      (seen) => seen !== '',
    );
    expect(reason).toBe('NoDiskMatches');
    expect(await fieldOf(lab, 'ldc', 'all-ssd', '.status.status')).toBe('Pending');
    const told = await fieldOf(lab, 'ldc', 'all-ssd', '.status.message');
    for (const disk of await shownDisks())
      expect(told).toContain(`${disk?.metadata.name} can't be used: ${usable(disk)?.message}`);
    expect(told).toContain('is of type HDD, not SSD');
  });

  test('is taken without further steps once wipefs cleaned it, and the others stay as they were', async () => {
    // The agent has a disk open for a moment while it looks; a person would type it again.
    await eventually(
      'wiping the disk',
      () => node.exec(['wipefs', '-a', ext4()]),
      ({ exitCode }) => exitCode === 0,
    );
    const phase = () => fieldOf(lab, 'ldc', 'all-ssd', '.status.status');
    await eventually('the claim having the disk', phase, (seen) => seen === 'Consumed');
    const group = await node.run(['vgs', '--noheadings', '-o', 'pv_name', 'LocalStorage_PoolSSD']);
    expect(group.trim()).toBe(ext4());

    const others = paths.filter((path) => path !== ext4());
    expect((await shownDisks()).filter((disk) => disk?.spec.claimRef !== undefined)).toMatchObject([
      { spec: { devicePath: ext4() } },
    ]);
    await node.disks.fail(unreadable(), 'none');
    for (const path of others) expect([path, await firstMiB(path)]).toEqual([path, before.get(path)]);
  });
});
