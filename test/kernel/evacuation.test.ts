import { afterAll, beforeAll, expect, test } from 'vitest';
import { mib } from '../../src/api/units.ts';
import { programNames } from '../lab/product.ts';
import { describeOnLab } from './harness/lab.ts';
import { nodeDisks, throttleCopying } from './harness/nodes.ts';
import { eventually, fieldOf, makeVolume, removeVolume, runProduct, stateOf } from './harness/product.ts';

const device = '/dev/LocalStorage_PoolHDD/kept';
const mountPoint = '/mnt/evacuation';
const evictionLabel = 'hwameistor.io/eviction';

describeOnLab('emptying a disk of a pool and taking it out', (lab) => {
  const node = lab.node('node1');
  runProduct(lab, { poolsOn: ['node1'] });

  let path = '';
  let disk = '';
  let checksum = '';

  const lvm = async (command: string, ...fields: string[]): Promise<string[]> =>
    (await node.run([command, '-a', '--noheadings', '--unquoted', '-o', fields.join(',')]))
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  /** Devices that the volume stands on, or what moves it. */
  const placesOf = async (): Promise<string[]> => {
    const [line = ''] = (await node.run(['lvs', '--noheadings', '-o', 'devices', device])).trim().split('\n');
    return line.split(',').map((place) => place.trim().replace(/\(.*/, ''));
  };
  const isMoving = async (): Promise<boolean> => (await lvm('lvs', 'lv_name')).includes('[pvmove0]');
  const allocatable = async (): Promise<string[]> =>
    (await node.run(['pvs', '--noheadings', '-o', 'pv_name', '-S', 'pv_allocatable=allocatable']))
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  const label = (value: string) => lab.runKubectl(['label', 'ld', disk, `${evictionLabel}${value}`]);
  const evacuation = (field: string) => fieldOf(lab, 'ld', disk, `.status.evacuation.${field}`);
  const replicaState = async (): Promise<string> => {
    const replicas = await lab.runKubectl(['get', 'lvr', '-o', 'jsonpath={.items[*].status.state}']);
    return replicas.trim();
  };
  const dataChecksum = (): Promise<string> =>
    node.shell(`echo 3 > /proc/sys/vm/drop_caches; sha256sum < ${mountPoint}/data`, { timeoutMs: 300_000 });

  beforeAll(async () => {
    await makeVolume(lab, 'kept', 'node1', mib(600));
    [path = ''] = await placesOf();
    const named = '{range .items[*]}{.metadata.name} {.spec.nodeName} {.spec.devicePath}{"\\n"}{end}';
    const disks = (await lab.runKubectl(['get', 'ld', '-o', `jsonpath=${named}`])).split('\n');
    disk = disks.find((line) => line.endsWith(` node1 ${path}`))?.split(' ')[0] ?? '';
    await node.shell(
      `mkfs.ext4 -q ${device}; mkdir -p ${mountPoint}; mount ${device} ${mountPoint}
       dd if=/dev/urandom of=${mountPoint}/data bs=1M count=300 conv=fsync status=none`,
      { timeoutMs: 300_000 },
    );
    checksum = await dataChecksum();
    // Writes a line, has it on disk, and only then says so.
    await node.shell(
      `rm -f /run/stop-writing; echo 0 > /run/acknowledged
       (i=0; while [ ! -e /run/stop-writing ]; do
          i=$((i + 1)); echo $i >> ${mountPoint}/log && sync ${mountPoint}/log && echo $i > /run/acknowledged; sleep 0.2
        done) > /dev/null 2>&1 &`,
    );
  });

  afterAll(async () => {
    await node.shell(`touch /run/stop-writing; sleep 2; umount ${mountPoint} || true; ${throttleCopying(100)}`);
  });

  const acknowledged = async (): Promise<number> => Number(await node.run(['cat', '/run/acknowledged']));

  test('is taken back in the middle of a move by taking the label off, also when the agent dies then', async () => {
    await node.shell(throttleCopying(1));
    await label('=start');
    await eventually('the beginning of a move', isMoving, (moving) => moving);
    expect(await evacuation('state')).toBe('Emptying');
    await node.killProgram(programNames.agent);
    await label('-');
    await eventually(
      'the disk being kept',
      () => evacuation('state'),
      (state) => state === '',
    );
    await node.shell(throttleCopying(100));
    expect(await isMoving()).toBe(false);
    expect(await placesOf()).toEqual([path]);
    expect(await allocatable()).toEqual([...nodeDisks]);
    expect(await dataChecksum()).toBe(checksum);
    expect(await fieldOf(lab, 'ld', disk, '.spec.reserved')).not.toBe('true');
  });

  test('moves a mounted volume that is written to, and leaves the disk blank and reserved', async () => {
    const before = await acknowledged();
    await label('=start');
    const states = new Set<string>();
    await eventually(
      'the disk being out',
      async () => {
        states.add(await replicaState());
        return evacuation('state');
      },
      (state) => state === 'Removed',
    );
    expect(states).toEqual(new Set(['Ready']));
    const other = nodeDisks.find((found) => found !== path);
    expect(await lvm('pvs', 'pv_name,pv_uuid').then((lines) => lines.filter((line) => line.includes('-')))).toEqual([
      expect.stringContaining(other ?? ''),
    ]);
    expect(await placesOf()).toEqual([other]);
    expect(await node.shell(`blkid -p ${path} || true; wipefs ${path}`)).toBe('');
    expect(await fieldOf(lab, 'ld', disk, '.spec.reserved')).toBe('true');
    expect(await fieldOf(lab, 'ld', disk, `.metadata.labels.hwameistor\\.io/eviction`)).toBe('');
    await eventually(
      'the disk being shown as reserved',
      () => fieldOf(lab, 'ld', disk, '.status.claimState'),
      (state) => state === 'Reserved',
    );
    const pool = '.status.pools.LocalStorage_PoolHDD.disks[*].devPath';
    await eventually(
      'the pool having one disk',
      () => fieldOf(lab, 'lsn', 'node1', pool),
      (seen) => seen === other,
    );

    expect(await acknowledged()).toBeGreaterThan(before);
    await node.shell('touch /run/stop-writing; sleep 2');
    const last = await acknowledged();
    const written = (await node.run(['cat', `${mountPoint}/log`])).trim().split('\n').map(Number);
    expect(written).toEqual(Array.from({ length: written.length }, (_none, index) => index + 1));
    expect(written.length).toBeGreaterThanOrEqual(last);
    expect(await dataChecksum()).toBe(checksum);
    await node.shell(`umount ${mountPoint}; e2fsck -fn ${device} > /dev/null`, { timeoutMs: 300_000 });
    expect(await stateOf(lab, 'lv', 'kept')()).toBe('Ready');
    await removeVolume(lab, 'kept');
  });

  test('takes the disk back once it is no longer reserved', async () => {
    await lab.runKubectl(['patch', 'ld', disk, '--type=merge', '-p', '{"spec":{"reserved":false}}']);
    await eventually(
      'the disk being available',
      () => fieldOf(lab, 'ld', disk, '.status.claimState'),
      (state) => state === 'Available',
    );
    expect(await evacuation('state')).toBe('');
  });
});
