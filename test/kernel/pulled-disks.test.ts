import { beforeAll, expect, test } from 'vitest';
import type { LocalDisk } from '../../src/api/local-disk.schema.ts';
import type { LocalPool, LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { replicaName } from '../../src/api/names.ts';
import { mib } from '../../src/api/units.ts';
import { scsiDisks } from '../lab/index.ts';
import { describeOnLab } from './harness/lab.ts';
import { lvmChanges } from './harness/lvm-log.ts';
import { printSeconds } from './harness/measured.ts';
import { apply, claim, eventually, expectGone, fieldOf, runProduct, stateOf, volume } from './harness/product.ts';

const pool = 'LocalStorage_PoolSSD';
const diskBytes = mib(320);
/** Two of these don't fit on one disk; each leaves about 70 MiB of its own. */
const bigBytes = mib(240);

const ssdVolume = (name: string, sizeBytes: number): object => {
  const spec = (volume(name, { node: 'node1', sizeBytes }) as { spec: object }).spec;
  return { ...volume(name, { sizeBytes }), spec: { ...spec, poolName: pool } };
};

describeOnLab('a disk of a pool that is pulled while volumes are written to', (lab) => {
  const node = lab.node('node1');
  const disks = scsiDisks(node);
  const names = ['one', 'two'] as const;
  const paths = new Map<string, string>();
  let checksum = '';
  /** The disk that volume `written` stands on. */
  let struck: (typeof names)[number] = 'one';
  let spared: (typeof names)[number] = 'two';
  let changesBefore = 0;

  runProduct(lab, {
    poolsOn: ['node1'],
    prepare: async () => {
      for (const name of names) paths.set(name, await disks.add({ name, sizeBytes: diskBytes }));
    },
  });

  const shownPool = async (name = pool): Promise<LocalPool | undefined> =>
    (JSON.parse(await lab.runKubectl(['get', 'lsn', 'node1', '-o', 'json'])) as LocalStorageNode).status?.pools?.[name];
  const poolIs = (what: string, accept: (pool: LocalPool | undefined) => boolean) =>
    eventually(what, () => shownPool(), accept);
  const replica = (name: string, field: string) => fieldOf(lab, 'lvr', replicaName(name, 'node1'), field);
  const replicaIs = (name: string, state: string) =>
    eventually(
      `the replica of ${name} being ${state}`,
      () => replica(name, '.status.state'),
      (seen) => seen === state,
    );
  const volumeIs = (name: string, state: string) =>
    eventually(`${name} being ${state}`, stateOf(lab, 'lv', name), (seen) => seen === state);
  const device = (name: string): string => `/dev/${pool}/${name}`;
  const placesOf = async (name: string): Promise<string[]> => {
    const listed = await node.run(['lvs', '--noheadings', '-o', 'devices', device(name)]);
    const places = listed.split(/[\n,]/).map((place) => place.trim().replace(/\(.*/, ''));
    return places.filter((place) => place !== '');
  };
  const acknowledged = async (name: string): Promise<number> => Number(await node.run(['cat', `/run/ack-${name}`]));
  const logOf = async (name: string): Promise<number[]> =>
    (await node.run(['cat', `/mnt/${name}/log`])).trim().split('\n').map(Number);
  const dataChecksum = (): Promise<string> =>
    node.shell('echo 3 > /proc/sys/vm/drop_caches; sha256sum < /mnt/written/data', { timeoutMs: 300_000 });
  /** A line is said to be written once it is on the disk; the first failure ends it. */
  const writeOn = (name: string): Promise<string> =>
    node.shell(`
      mkfs.ext4 -q ${device(name)}; mkdir -p /mnt/${name}; mount ${device(name)} /mnt/${name}; echo 0 > /run/ack-${name}
      (i=0; while [ ! -e /run/stop-writing ]; do
         i=$((i + 1)); echo $i >> /mnt/${name}/log && sync /mnt/${name}/log && echo $i > /run/ack-${name} || break
         sleep 0.2
       done) > /dev/null 2>&1 &`);

  beforeAll(async () => {
    await apply(lab, {
      ...claim('node1', 'SSD'),
      metadata: { name: 'pulled' },
    });
    await poolIs('a pool of both disks', (seen) => seen?.disks.length === 2);
    // What is left on each disk is too little for the third, so it stands on both.
    await apply(lab, ssdVolume('written', bigBytes));
    await volumeIs('written', 'Ready');
    await apply(lab, ssdVolume('beside', bigBytes));
    await volumeIs('beside', 'Ready');
    await apply(lab, ssdVolume('spanning', mib(76)));
    await volumeIs('spanning', 'Ready');
    const [place = ''] = await placesOf('written');
    struck = paths.get('one') === place ? 'one' : 'two';
    spared = struck === 'one' ? 'two' : 'one';
    await node.shell('rm -f /run/stop-writing');
    for (const name of ['written', 'beside']) await writeOn(name);
    await node.shell('dd if=/dev/urandom of=/mnt/written/data bs=1M count=40 conv=fsync status=none');
    checksum = await dataChecksum();
    changesBefore = (await lvmChanges(node)).length;
  });

  test('leaves the pool Degraded with the exact volumes that are hurt, closed to new ones; all others go on', async () => {
    expect(new Set(await placesOf('spanning'))).toEqual(new Set(paths.values()));
    expect(await placesOf('beside')).toEqual([paths.get(spared)]);
    const pulledMs = performance.now();
    await disks.pull(struck);
    const seen = await poolIs('the pool being Degraded', (pool) => pool?.state === 'Degraded');
    printSeconds('the pool was Degraded', pulledMs);
    expect(seen).toMatchObject({
      reason: 'DiskMissing',
      hurtVolumes: ['spanning', 'written'],
      volumes: ['beside', 'spanning', 'written'],
      volumeCapacityBytesLimit: 0,
      freeVolumeCount: 0,
    });
    for (const words of [disks.serialOf(struck), paths.get(struck), 'Hurt: spanning, written; the other one goes on'])
      expect(seen?.message).toContain(words);
    await replicaIs('written', 'NotReady');
    printSeconds('the replica was NotReady', pulledMs);
    expect(await replica('written', '.status.reason')).toBe('DiskMissing');
    expect(await replica('beside', '.status.state')).toBe('Ready');

    await apply(lab, ssdVolume('late', mib(8)), volume('elsewhere', { node: 'node1', sizeBytes: mib(8) }));
    await volumeIs('elsewhere', 'Ready');
    const why = await eventually(
      'the late volume telling why it waits',
      () => fieldOf(lab, 'lv', 'late', '.status.conditions[*].message'),
      (told) => told.includes('Degraded'),
    );
    expect(why).toContain(`node1 has ${pool} Degraded (DiskMissing)`);
    expect((await shownPool('LocalStorage_PoolHDD'))?.state).toBe('Healthy');

    const before = await acknowledged('beside');
    await eventually(
      'the writer beside it going on',
      () => acknowledged('beside'),
      (now) => now > before + 3,
    );
  });

  test('lets a volume be deleted meanwhile, a hurt one, and nothing else of the pool is changed', async () => {
    await lab.runKubectl(['patch', 'lv', 'spanning', '--type=merge', '-p', '{"spec":{"delete":true}}']);
    await expectGone(lab, 'spanning');
    const changes = (await lvmChanges(node)).slice(changesBefore).filter((change) => change.includes(pool));
    expect(new Set(changes.map((change) => change.split(' ')[0]))).toEqual(new Set(['lvchange', 'lvremove']));
    expect(changes.filter((change) => !change.includes('lv_name="spanning"'))).toEqual([]);
  });

  test('is taken back with what it held, though the group was changed, and its volumes use it again', async () => {
    const behind = await acknowledged('written');
    const pluggedMs = performance.now();
    paths.set(struck, await disks.replug(struck));
    const seen = await poolIs('the pool being Healthy', (pool) => pool?.state === 'Healthy');
    printSeconds('the pool was Healthy again', pluggedMs);
    expect(seen?.hurtVolumes).toBeUndefined();
    await replicaIs('written', 'Ready');
    await volumeIs('late', 'Ready');
    printSeconds('the volume that waited was Ready', pluggedMs);
    const changes = (await lvmChanges(node)).slice(changesBefore);
    expect(changes.filter((change) => change.startsWith('vgextend'))).toEqual([
      `vgextend --restoremissing -- ${pool} ${paths.get(struck)}`,
    ]);
    expect(changes.filter((change) => /vgreduce|removemissing/.test(change))).toEqual([]);

    await node.shell(`umount /mnt/written; e2fsck -fp ${device('written')} || [ $? -eq 1 ]`, { timeoutMs: 300_000 });
    await node.shell(`mount ${device('written')} /mnt/written`);
    expect(await dataChecksum()).toBe(checksum);
    const lines = await logOf('written');
    expect(lines).toEqual(Array.from({ length: lines.length }, (_none, index) => index + 1));
    expect(lines.length).toBeGreaterThanOrEqual(behind);
    await node.shell('touch /run/stop-writing; sleep 1; umount /mnt/beside');
  });

  test('that is missing after a power loss as well leaves the volumes of the others usable', async () => {
    await node.shell('umount /mnt/written; sync');
    await node.kill();
    await node.boot();
    paths.set(spared, await disks.replug(spared));
    await poolIs('the pool being Degraded', (pool) => pool?.state === 'Degraded' && pool.hurtVolumes?.[0] !== 'beside');
    await replicaIs('beside', 'Ready');
    await node.shell(`mount ${device('beside')} /mnt/beside; cat /mnt/beside/log > /dev/null; umount /mnt/beside`);
    expect(await replica('beside', '.status.conditions[?(@.type=="Stalled")].status')).not.toBe('True');
    await replicaIs('written', 'NotReady');
    paths.set(struck, await disks.replug(struck));
    await poolIs('the pool being Healthy', (pool) => pool?.state === 'Healthy');
    await replicaIs('written', 'Ready');
    await node.shell(`mount ${device('written')} /mnt/written`);
    expect(await dataChecksum()).toBe(checksum);
    await node.shell('umount /mnt/written');
  });

  test('and plugged in again while nothing changed needs no restoring, also for an idle volume', async () => {
    const before = (await lvmChanges(node)).length;
    await disks.pull(struck);
    await poolIs('the pool being Degraded', (pool) => pool?.state === 'Degraded');
    paths.set(struck, await disks.replug(struck));
    await poolIs('the pool being Healthy', (pool) => pool?.state === 'Healthy');
    await replicaIs('written', 'Ready');
    expect((await lvmChanges(node)).slice(before)).toEqual([]);
    await node.shell(`mount ${device('written')} /mnt/written`);
    expect(await dataChecksum()).toBe(checksum);
    await node.shell('umount /mnt/written');
  });

  test('whose byte copy is plugged in stops every change until the copy is out, and the alert is on all objects', async () => {
    const before = (await lvmChanges(node)).length;
    const prints = async (): Promise<string> => {
      const copy = `/lab/disk/scsi/copy`;
      return node.shell(`for disk in ${paths.get(struck)} ${copy}; do head -c ${mib(8)} $disk | sha256sum; done`);
    };
    const attachedMs = performance.now();
    const copy = await disks.add({ name: 'copy', sizeBytes: diskBytes, copyOf: paths.get(struck) ?? '' });
    const first = await prints();
    const seen = await poolIs('the pool being Degraded', (pool) => pool?.reason === 'DuplicateDisk');
    printSeconds('the copy was told', attachedMs);
    expect(seen).toMatchObject({ state: 'Degraded', volumeCapacityBytesLimit: 0 });
    for (const words of [copy, paths.get(struck), 'vgimportclone']) expect(seen?.message).toContain(words);
    await eventually(
      'the alert on the node',
      () => fieldOf(lab, 'lsn', 'node1', '.status.conditions[?(@.type=="PoolsHealthy")].reason'),
      (reason) => reason === 'DuplicateDisk',
    );
    const listed = JSON.parse(await lab.runKubectl(['get', 'ld', '-o', 'json'])) as { items: LocalDisk[] };
    const twins = listed.items.filter(
      ({ spec: { nodeName, devicePath = '' } }) =>
        nodeName === 'node1' && [copy, paths.get(struck)].includes(devicePath),
    );
    expect(twins).toHaveLength(2);
    for (const { status } of twins)
      expect(status?.conditions?.find(({ type }) => type === 'Unique')).toMatchObject({ status: 'False' });
    const copied = twins.find(({ spec }) => spec.devicePath === copy);
    expect(copied?.status?.conditions?.find(({ type }) => type === 'Usable')).toMatchObject({
      status: 'False',
      reason: 'DuplicatePhysicalVolume',
    });
    expect(copied?.status?.claimState).not.toBe('Available');
    expect(await replica('written', '.status.state')).toBe('Ready');

    // A deletion that is ordered meanwhile waits, says why, and ends once it can.
    await lab.runKubectl(['patch', 'lv', 'late', '--type=merge', '-p', '{"spec":{"delete":true}}']);
    const refused = await eventually(
      'the deletion being refused',
      () => replica('late', '.status.conditions[?(@.type=="Stalled")].message'),
      (message) => message !== '',
    );
    expect(refused).toMatch(/duplicate/i);
    await node.shell('udevadm settle');
    expect(await prints()).toBe(first);
    expect((await node.run(['lvs', '--noheadings', '-o', 'lv_name', pool])).split(/\s+/)).toContain('late');
    expect((await lvmChanges(node)).slice(before).filter((change) => !change.includes('"late"'))).toEqual([]);

    await disks.pull('copy');
    await poolIs('the pool being Healthy', (pool) => pool?.state === 'Healthy');
    await expectGone(lab, 'late');
  });
});
