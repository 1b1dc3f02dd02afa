import { builtin, findCondition } from '@dot-kube/operator';
import type { Interceptor } from '@dot-kube/operator/testing';
import { describe, expect, test } from 'vitest';
import { LocalDiskClaim, type LocalDiskClaimSpec } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { gib } from '../../src/api/units.ts';
import { CommandError } from '../../src/node/errors.ts';
import { disk, type DiskSpec } from '../sim/host/index.ts';
import { pool } from './builders.ts';
import { ModelCluster } from './cluster.ts';
import { runUntil } from './crash.ts';

const { signal } = new AbortController();
const minute = 60_000;

type Description = NonNullable<LocalDiskClaimSpec['description']>;

const order = (cluster: ModelCluster, name: string, description: Description, wipe = true) =>
  cluster.kubectl.create(LocalDiskClaim, {
    metadata: { name },
    spec: { nodeName: 'node1', owner: 'local-storage', description, ...(wipe ? { wipe } : {}) },
  });

/** A node whose disks were found already. */
async function nodeWith(...disks: DiskSpec[]): Promise<ModelCluster> {
  const cluster = await ModelCluster.of({ node1: disks });
  await cluster.run();
  return cluster;
}

const statusOf = async (cluster: ModelCluster, name: string) =>
  (await cluster.objects(LocalDiskClaim)).get(name)?.status;

const contentOf = (cluster: ModelCluster) => cluster.world.host('node1').describe().disks;

const notesOf = async (cluster: ModelCluster, reason: string): Promise<(string | undefined)[]> =>
  [...(await cluster.objects(builtin.Event)).values()]
    .filter((event) => event.reason === reason)
    .map(({ note }) => note);

test('a claim that says wipe takes what stands on its disks off, says what that was, and makes them a pool', async () => {
  const cluster = await nodeWith(
    disk('sdb', gib(10), { signature: 'ext4' }),
    disk('sdc', gib(10), { signature: 'gpt', partitions: [{}, {}] }),
    disk('sdd', gib(10), { unsure: true }),
    disk('sde', gib(10), { signature: 'xfs' }),
  );
  await order(cluster, 'dirty', { devicePaths: ['/dev/sdb', '/dev/sdc', '/dev/sdd'] });
  await cluster.run();
  const status = await statusOf(cluster, 'dirty');
  expect(status?.status).toBe('Consumed');
  const found = status?.wipes?.toSorted((a, b) => (a.devicePath < b.devicePath ? -1 : 1));
  expect(found).toMatchObject([
    { devicePath: '/dev/sdb', signatures: [{ type: 'ext4', uuid: 'node1-sdb' }], partitions: [], wiped: true },
    { devicePath: '/dev/sdc', signatures: [{ type: 'gpt' }], partitions: ['1', '2'], wiped: true },
    { devicePath: '/dev/sdd', signatures: [], partitions: [], wiped: true },
  ]);
  expect(contentOf(cluster)).toEqual({ sdb: 'LVM2_member', sdc: 'LVM2_member', sdd: 'LVM2_member', sde: 'xfs' });
  const [note] = await notesOf(cluster, 'DiskWiped');
  expect(note?.split('\n').sort()).toEqual([
    'Took off /dev/sdb: ext4 (node1-sdb).',
    'Took off /dev/sdc: gpt (node1-sdc), 2 partitions.',
    'Took off /dev/sdd: signatures that exclude each other.',
  ]);
});

test('a claim that does not say wipe, or names no disk, has nothing wiped', async () => {
  const cluster = await nodeWith(disk('sdb', gib(10), { signature: 'ext4' }));
  await order(cluster, 'plain', { devicePaths: ['/dev/sdb'] }, false);
  await order(cluster, 'by-kind', { diskType: 'HDD' });
  await cluster.run();
  expect((await statusOf(cluster, 'plain'))?.message).toContain('wipefs -a /dev/sdb');
  expect((await statusOf(cluster, 'by-kind'))?.message).toContain('wipefs -a /dev/sdb');
  expect(contentOf(cluster)).toEqual({ sdb: 'ext4' });
});

test.each<[string, Partial<DiskSpec>, RegExp]>([
  ['mounted', { signature: 'ext4', mountPoint: '/data' }, /Mounted on \/data/],
  ['used as swap', { signature: 'swap', mountPoint: '[SWAP]' }, /used as swap/],
  ['in an array', { signature: 'linux_raid_member', heldBy: 'raid1' }, /held by/],
  ['one path of several', { signature: 'mpath_member', heldBy: 'mpath' }, /multipath/],
  ['read-only', { signature: 'ext4', readOnly: true }, /read-only/],
  ['removable', { signature: 'ext4', removable: true }, /removable/],
  ['remote', { signature: 'ext4', transport: 'iscsi' }, /not local/],
  ['unreadable', { signature: 'ext4', unreadable: true }, /could not be read/],
  ['part of a volume group', { signature: 'LVM2_member' }, /vgremove it by hand first/],
])('a disk that is %s is never wiped, and the claim says why', async (_what, flaw, why) => {
  const cluster = await nodeWith(disk('sdb', gib(10), flaw));
  const before = contentOf(cluster);
  await order(cluster, 'dirty', { devicePaths: ['/dev/sdb'] });
  await cluster.run();
  const status = await statusOf(cluster, 'dirty');
  expect(status).toMatchObject({ status: 'Pending', reason: 'NoDiskMatches', message: expect.stringMatching(why) });
  expect(contentOf(cluster)).toEqual(before);
});

test('a reserved disk, a twin and a disk of a foreign volume group are never wiped', async () => {
  const cluster = await nodeWith(
    disk('sdb', gib(10), { signature: 'ext4' }),
    disk('sdc', gib(10), { signature: 'ext4', serial: 'twin' }),
    disk('sdd', gib(10), { signature: 'ext4', serial: 'twin' }),
    disk('sde', gib(10)),
  );
  const { lvm, disks } = cluster.world.host('node1').tools;
  const device = (await disks.scan(signal)).find(({ path }) => path === '/dev/sde');
  if (device === undefined) throw new Error('no disk');
  await lvm.createVolumeGroup({ name: 'theirs', device, tags: [] }, signal);
  const reserved = [...(await cluster.objects(LocalDisk)).values()].find(({ spec }) => spec.devicePath === '/dev/sdb');
  await cluster.kubectl.patch(LocalDisk, reserved?.metadata.name ?? '', { spec: { reserved: true } });
  await cluster.run();
  const before = contentOf(cluster);
  await order(cluster, 'dirty', { devicePaths: ['/dev/sdb', '/dev/sdc', '/dev/sdd', '/dev/sde'] });
  await cluster.run();
  const message = (await statusOf(cluster, 'dirty'))?.message ?? '';
  for (const why of ['is reserved', 'same serial number', 'Volume group']) expect(message).toContain(why);
  expect(contentOf(cluster)).toEqual(before);
});

describe('what comes onto a disk after a claim chose it', () => {
  const claimed = async (change: (cluster: ModelCluster) => void): Promise<ModelCluster> => {
    const cluster = await nodeWith(disk('sdb', gib(10), { signature: 'ext4', data: 'old' }));
    await order(cluster, 'dirty', { devicePaths: ['/dev/sdb'] });
    const intercept: Interceptor = async (write, act) => {
      const result = await act();
      if (write.resource === 'localdisks.hwameistor.io' && write.verb === 'update') change(cluster);
      return result;
    };
    await cluster.run({ intercept, forMs: minute, settles: false });
    return cluster;
  };

  test('is not wiped, and the claim says what it did not expect', async () => {
    let isDone = false;
    const cluster = await claimed(({ world }) => {
      if (!isDone) world.host('node1').format('/dev/sdb', 'xfs');
      isDone = true;
    });
    const status = await statusOf(cluster, 'dirty');
    expect(status?.status).toBe('Extending');
    expect(findCondition(status?.conditions, 'Stalled')).toMatchObject({ status: 'True', reason: 'ContentChanged' });
    expect(contentOf(cluster)).toEqual({ sdb: 'xfs' });
    // The way out that the message names.
    await cluster.kubectl.delete(LocalDiskClaim, 'dirty');
    await cluster.run();
    await order(cluster, 'again', { devicePaths: ['/dev/sdb'] });
    await cluster.run();
    expect((await statusOf(cluster, 'again'))?.status).toBe('Consumed');
  });

  test('keeps it out of the pool when it is mounted, until it is not', async () => {
    const cluster = await claimed(({ world }) => world.host('node1').changeDisk('sdb', { mountPoint: '/data' }));
    expect((await statusOf(cluster, 'dirty'))?.message).toMatch(/mounted on \/data/i);
    expect(contentOf(cluster)).toEqual({ sdb: 'ext4' });
    cluster.world.host('node1').changeDisk('sdb', { mountPoint: undefined });
    await cluster.run({ forMs: minute });
    expect((await statusOf(cluster, 'dirty'))?.status).toBe('Consumed');
  });
});

test('what stands on a disk is written down before anything is wiped, wherever the agent dies', async () => {
  const make = async (): Promise<ModelCluster> => {
    const cluster = await nodeWith(disk('sdb', gib(10), { signature: 'ext4' }));
    await order(cluster, 'dirty', { devicePaths: ['/dev/sdb'] });
    return cluster;
  };
  const { writes } = await runUntil(await make());
  expect(writes.filter((write) => write.startsWith('wipefs'))).toEqual(['wipefs /dev/sdb on node1']);
  for (const write of writes.keys())
    for (const when of ['before', 'after'] as const) {
      const cluster = await make();
      await runUntil(cluster, { write, when });
      if (contentOf(cluster)['sdb'] === 'ext4') continue;
      const claim = (await cluster.objects(LocalDiskClaim)).get('dirty');
      expect(claim?.spec.diskRefs).toHaveLength(1);
      expect(claim?.status?.wipes).toMatchObject([{ signatures: [{ type: 'ext4', uuid: 'node1-sdb' }] }]);
    }
});

test('a claim whose wipe is taken back before it wiped anything wipes nothing', async () => {
  const cluster = await nodeWith(disk('sdb', gib(10), { signature: 'ext4' }));
  await order(cluster, 'dirty', { devicePaths: ['/dev/sdb'] });
  const intercept: Interceptor = async (write, act) => {
    const result = await act();
    if (write.resource === 'localdisks.hwameistor.io' && write.verb === 'update')
      await cluster.kubectl.patch(LocalDiskClaim, 'dirty', { spec: { wipe: false } });
    return result;
  };
  await cluster.run({ intercept, forMs: minute });
  expect(await statusOf(cluster, 'dirty')).toMatchObject({ status: 'Extending', reason: 'DiskUnfit' });
  expect(contentOf(cluster)).toEqual({ sdb: 'ext4' });
});

describe('a claim that got disks', () => {
  test('says which others it asked for, and what refused each, in status and in an Event', async () => {
    const cluster = await nodeWith(
      disk('sdb', gib(10)),
      disk('sdc', gib(10), { signature: 'ext4' }),
      disk('sdd', gib(10), { rotational: false }),
    );
    await order(cluster, 'all', { diskType: 'HDD' }, false);
    await cluster.run();
    const status = await statusOf(cluster, 'all');
    expect(status?.status).toBe('Consumed');
    const told = findCondition(status?.conditions, 'Exhaustive');
    expect(told).toMatchObject({ status: 'False', reason: 'DisksRefused' });
    expect(told?.message.split('\n')).toEqual([
      'Not taken, though asked for:',
      expect.stringMatching(/^\/dev\/sdc: \S+ can't be used: Found ext4/),
    ]);
    expect(await notesOf(cluster, 'Bound')).toEqual([expect.stringContaining(told?.message ?? '?')]);
  });

  test('stands among the records of its pool, with those that were there', async () => {
    const cluster = await nodeWith(disk('sdb', gib(10)), disk('sdc', gib(10)));
    await order(cluster, 'first', { devicePaths: ['/dev/sdb'] }, false);
    await cluster.run();
    await order(cluster, 'second', { devicePaths: ['/dev/sdc'] }, false);
    await cluster.run();
    const claims = await cluster.objects(LocalDiskClaim);
    const node = (await cluster.objects(LocalStorageNode)).get('node1');
    expect(node?.status?.poolExtendRecords).toEqual({
      [pool]: [claims.get('first')?.spec, claims.get('second')?.spec],
    });
    expect(Object.keys(node?.status?.pools ?? {})).toEqual([pool]);
  });
});

describe('a node whose claims wait', () => {
  const claimsMet = async (cluster: ModelCluster) =>
    findCondition((await cluster.objects(LocalStorageNode)).get('node1')?.status?.conditions, 'ClaimsMet');

  test('says so with the remedy, and that none waits once it was applied', async () => {
    const cluster = await nodeWith(disk('sdb', gib(10), { signature: 'ext4' }));
    expect(await claimsMet(cluster)).toMatchObject({ status: 'True', reason: 'NoneWaits' });
    await order(cluster, 'plain', { diskType: 'HDD' }, false);
    await cluster.run();
    expect(await claimsMet(cluster)).toMatchObject({ status: 'False', reason: 'NoDiskMatches' });
    expect((await claimsMet(cluster))?.message).toMatch(/^LocalDiskClaim plain \(Pending\): [^]*wipefs -a \/dev\/sdb/);
    cluster.world.host('node1').wipeDisk('sdb');
    await cluster.run();
    expect(await claimsMet(cluster)).toMatchObject({ status: 'True', reason: 'NoneWaits' });
  });

  test('says that LVM is missing, in the claim as well, and both heal once it is there', async () => {
    const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10))] });
    await order(cluster, 'plain', { diskType: 'HDD' }, false);
    const missing = async (): Promise<never> => {
      throw new CommandError({ code: 'TOOL_MISSING', command: 'vgs -qq --reportformat json' });
    };
    await cluster.run({
      tools: (tools) => ({ ...tools, lvm: { ...tools.lvm, volumeGroups: missing, physicalVolumes: missing } }),
      forMs: minute,
      settles: false,
    });
    const status = await statusOf(cluster, 'plain');
    expect(status).toMatchObject({ status: 'Pending', reason: 'ToolMissing' });
    expect(status?.message).toMatch(/^Node node1 has no vgs, .*install lvm2/);
    expect(await claimsMet(cluster)).toMatchObject({ status: 'False', reason: 'ToolMissing' });
    await cluster.run();
    expect((await statusOf(cluster, 'plain'))?.status).toBe('Consumed');
    expect(await claimsMet(cluster)).toMatchObject({ status: 'True' });
  });
});

describe('two claims that race for one disk', () => {
  const make = async (wipe: boolean): Promise<ModelCluster> => {
    const cluster = await nodeWith(disk('sdb', gib(10), wipe ? { signature: 'ext4' } : {}));
    for (const name of ['one', 'other']) await order(cluster, name, { devicePaths: ['/dev/sdb', '/dev/sdc'] }, wipe);
    return cluster;
  };

  test.each([false, true])(
    'are told apart wherever the agent dies (wipe: %s): one has it, the other says whose it is and goes on looking',
    { timeout: 120_000 },
    async (wipe) => {
      const { writes } = await runUntil(await make(wipe));
      for (const write of writes.keys())
        for (const when of ['before', 'after'] as const) {
          const cluster = await make(wipe);
          await runUntil(cluster, { write, when });
          await cluster.run({ forMs: minute });
          const claims = [...(await cluster.objects(LocalDiskClaim)).values()];
          const winner = claims.find(({ status }) => status?.status === 'Consumed');
          const loser = claims.find(({ status }) => status?.status === 'Pending');
          const about = `killed ${when} write ${write}: ${writes[write]}`;
          expect([winner?.spec.diskRefs?.length, loser?.spec.diskRefs?.length ?? 0], about).toEqual([1, 0]);
          expect(loser?.status?.message, about).toContain(`belongs to LocalDiskClaim ${winner?.metadata.name}`);
          expect(loser?.status?.wipes, about).toBeUndefined();
          if (write > 0) continue;
          cluster.world.host('node1').addDisk(disk('sdc', gib(10)));
          await cluster.run({ forMs: minute });
          expect((await statusOf(cluster, loser?.metadata.name ?? ''))?.status).toBe('Consumed');
        }
    },
  );
});
