import { afterAll, beforeAll, expect, test } from 'vitest';
import { mib } from '../../src/api/units.ts';
import { programNames } from '../lab/product.ts';
import { describeOnLab } from './harness/lab.ts';
import { coverSuspended, keepLock, lockGroup, nodeDisks } from './harness/nodes.ts';
import { apply, checksumOf, eventually, fieldOf, makeVolume, runProduct, stateOf, volume } from './harness/product.ts';

const pool = 'LocalStorage_PoolHDD';
const [firstDisk, secondDisk] = nodeDisks;
/** Found before the real one. */
const interposed = '/usr/local/sbin/vgextend';
const deviceOf = (name: string): string => `/dev/${pool}/${name}`;

const claimOf = (name: string, nodeName: string, ...devicePaths: string[]): object => ({
  apiVersion: 'hwameistor.io/v1alpha1',
  kind: 'LocalDiskClaim',
  metadata: { name },
  spec: { nodeName, owner: 'local-storage', description: { devicePaths } },
});

describeOnLab('a pool while something comes between', (lab) => {
  runProduct(lab);

  const claimState = (name: string) => () => fieldOf(lab, 'ldc', name, '.status.status');
  const inPool = (name: string): Promise<string> =>
    eventually(`the pool having the disk of ${name}`, claimState(name), (state) => state === 'Consumed');
  const lines = (text: string): string[] =>
    text
      .split('\n')
      .map((line) => line.trim().replaceAll(/\s+/g, ' '))
      .filter((line) => line !== '');
  /** Each physical volume of a node, and the group it is in. */
  const physicalVolumes = async (name: string): Promise<string[]> =>
    lines(await lab.node(name).run(['pvs', '--noheadings', '-o', 'pv_name,vg_name,pv_missing']));
  /** Of each disk of a node that a claim has: path, claim, and phase. */
  const claimedDisks = async (name: string): Promise<string[]> => {
    const fields = '{.spec.nodeName} {.spec.devicePath} {.spec.claimRef.name} {.status.claimState}';
    const all = lines(await lab.runKubectl(['get', 'ld', '-o', `jsonpath={range .items[*]}${fields}{"\\n"}{end}`]));
    return all
      .filter((line) => new RegExp(`^${name} \\S+ \\S+ Bound$`).test(line))
      .map((line) => line.slice(name.length + 1));
  };
  const poolState = (name: string) => () => fieldOf(lab, 'lsn', name, `.status.pools.${pool}.state`);

  const checksums = new Map<string, string>();
  const contentIsKept = async (name: string): Promise<void> => {
    await eventually(`the volume of ${name}`, stateOf(lab, 'lv', `kept-${name}`), (state) => state === 'Ready');
    expect(await checksumOf(lab, name, deviceOf(`kept-${name}`))).toBe(checksums.get(name));
  };

  beforeAll(async () => {
    const nodes = ['node1', 'node2'];
    await apply(lab, ...nodes.map((name) => claimOf(`first-${name}`, name, firstDisk)));
    await Promise.all(nodes.map((name) => inPool(`first-${name}`)));
    await Promise.all(
      nodes.map(async (name) => {
        await makeVolume(lab, `kept-${name}`, name, mib(32));
        const device = deviceOf(`kept-${name}`);
        await lab.node(name).shell(`dd if=/dev/urandom of=${device} bs=1M count=32 oflag=direct status=none`);
        checksums.set(name, await checksumOf(lab, name, device));
      }),
    );
  });

  // A test that failed before the agent came to it leaves it behind.
  afterAll(() => Promise.all(['node1', 'node2'].map((name) => lab.node(name).run(['rm', '-f', interposed]))));

  test('devices that are suspended hold up nobody else: a volume is made and removed beside them', async () => {
    const node = lab.node('node1');
    const logged = (await node.readLog(programNames.agent)).length;
    const uncover = await coverSuspended(node, secondDisk);
    try {
      await node.run(['dmsetup', 'suspend', deviceOf('kept-node1')]);
      try {
        await makeVolume(lab, 'beside', 'node1', mib(8));
        await lab.runKubectl(['patch', 'lv', 'beside', '--type=merge', '-p', '{"spec":{"delete":true}}']);
        const left = () => fieldOf(lab, 'lv', 'beside', '.metadata.name');
        await eventually('the volume going', left, (name) => name === '');
      } finally {
        await node.run(['dmsetup', 'resume', deviceOf('kept-node1')]);
      }
    } finally {
      await uncover();
    }
    expect((await node.readLog(programNames.agent)).slice(logged)).not.toContain('Gave up a command');
    await contentIsKept('node1');
  });

  test('a lock that somebody keeps is told of the volume that waits for it, which is made once when it is free', async () => {
    const node = lab.node('node1');
    const logged = (await node.readLog(programNames.agent)).length;
    const unlock = await lockGroup(node, pool);
    try {
      await apply(lab, volume('later', { node: 'node1', sizeBytes: mib(8) }));
      const told = (): Promise<string> =>
        lab.runKubectl([
          'get',
          'events',
          '--field-selector=reason=Busy,involvedObject.kind=LocalVolumeReplica',
          '-o',
          'jsonpath={range .items[*]}{.involvedObject.name} {.message}{end}',
        ]);
      const words = await eventually('the lock being told', told, (text) => text.includes('later-'));
      expect(words).toContain('lslocks on the node shows who has it');
      expect(words).toContain(`Can't get lock for ${pool}`);
    } finally {
      await unlock();
    }
    await eventually('the volume', stateOf(lab, 'lv', 'later'), (state) => state === 'Ready');
    const created = (await node.readLog(programNames.agent)).slice(logged).match(/"lvcreate"/g) ?? [];
    expect(created).toHaveLength(1);
  });

  /**
   * Lets the next `vgextend` of a node label its disk and then wait for the lock of the group.
   * @returns what lets go of the lock
   */
  async function stopInMiddle(name: string): Promise<() => Promise<void>> {
    const node = lab.node(name);
    // What a power loss would bring back has to be gone from the disk.
    const wrapper = `#!/bin/sh
rm "$0"; sync
setsid sh -ec '${keepLock(pool)}' > /run/lock-keeper
exec /usr/sbin/vgextend "$@"
`;
    await node.shell(`cat > ${interposed}; chmod +x ${interposed}`, { input: wrapper });
    return async () => {
      await node.shell('kill $(cat /run/lock-keeper)');
    };
  }
  const isLabelled = async (name: string): Promise<boolean> =>
    (await lab.node(name).exec(['blkid', '-p', secondDisk])).stdout.includes('LVM2_member');
  const groupOfLabel = async (name: string): Promise<string> =>
    (await lab.node(name).run(['pvs', '--nolocking', '--noheadings', '-o', 'vg_name', secondDisk])).trim();

  /** All is as if nothing had come between. */
  async function expectExtended(name: string): Promise<void> {
    await inPool(`second-${name}`);
    expect(await physicalVolumes(name)).toEqual([`${firstDisk} ${pool}`, `${secondDisk} ${pool}`]);
    await lab.node(name).run(['vgck', pool]);
    await eventually(
      'both disks being bound',
      () => claimedDisks(name),
      (disks) => disks.length === 2,
    );
    expect((await claimedDisks(name)).sort()).toEqual([
      `${firstDisk} first-${name} Bound`,
      `${secondDisk} second-${name} Bound`,
    ]);
    await eventually('the pool being whole', poolState(name), (state) => state === 'Healthy');
    await contentIsKept(name);
  }

  test('an agent that is killed in the middle of vgextend leaves a label, which the next one puts into the pool', async () => {
    const node = lab.node('node1');
    const letGo = await stopInMiddle('node1');
    await apply(lab, claimOf('second-node1', 'node1', secondDisk));
    await eventually(
      'the label',
      () => isLabelled('node1'),
      (labelled) => labelled,
    );
    await node.killProgram(programNames.agent);
    // With a container goes all that it has started.
    await node.shell('kill -9 $(pidof vgextend) 2> /dev/null || true');
    expect(await groupOfLabel('node1')).toBe('');
    await letGo();
    await expectExtended('node1');
  });

  test('a node that loses its power in the middle of vgextend has the disk in its pool afterwards', async () => {
    const node = lab.node('node2');
    await stopInMiddle('node2');
    await apply(lab, claimOf('second-node2', 'node2', secondDisk));
    await eventually(
      'the label',
      () => isLabelled('node2'),
      (labelled) => labelled,
    );
    expect(await groupOfLabel('node2')).toBe('');
    await node.kill();
    await node.boot();
    await expectExtended('node2');
  });

  test('of two claims made at once for one disk one gets it, and the other says which one did', async () => {
    const node = lab.node('node3');
    const bystander = await node.disks.add({ sizeBytes: mib(64), rotational: true });
    try {
      const rivals = nodeDisks.map((path) => ({
        path,
        names: ['left', 'right'].map((side) => `${side}-${path.slice('/dev/'.length)}`),
      }));
      await Promise.all(
        rivals.flatMap(({ path, names }) => names.map((name) => apply(lab, claimOf(name, 'node3', path)))),
      );
      const taken: string[] = [];
      for (const { path, names } of rivals) {
        const states = () => Promise.all(names.map((name) => claimState(name)()));
        const seen = await eventually('a claim having its disk', states, (all) => all.includes('Consumed'));
        const [winner = '', loser = ''] = seen[0] === 'Consumed' ? names : names.toReversed();
        const told = () => fieldOf(lab, 'ldc', loser, '.status.conditions[0].message');
        const taker = `belongs to LocalDiskClaim ${winner}`;
        await eventually('the other claim telling why', told, (text) => text.includes(taker));
        expect(await claimState(loser)()).toBe('Pending');
        expect(await fieldOf(lab, 'ldc', loser, '.spec.diskRefs')).toMatch(/^(\[\])?$/);
        taken.push(`${path} ${winner} Bound`);
      }
      await eventually(
        'both disks being bound',
        () => claimedDisks('node3'),
        (disks) => disks.length === 2,
      );
      expect((await claimedDisks('node3')).sort()).toEqual(taken);
      expect(await physicalVolumes('node3')).toEqual(nodeDisks.map((path) => `${path} ${pool}`));
      expect(await node.shell(`cmp -n ${mib(64)} ${bystander} /dev/zero && echo blank`)).toBe('blank\n');
    } finally {
      await node.disks.remove(bystander);
    }
  });
});
