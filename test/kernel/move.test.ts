import { expect, test } from 'vitest';
import { mib } from '../../src/api/units.ts';
import { programNames } from '../lab/product.ts';
import {
  backInService,
  checksumOf,
  eventually,
  fieldOf,
  labNodes,
  makeVolume,
  removeVolume,
  runProduct,
  stateOf,
  tracesOf,
} from './harness/product.ts';
import { describeOnLab } from './harness/lab.ts';

const device = (name: string): string => `/dev/LocalStorage_PoolHDD/${name}`;

describeOnLab('moving a volume off a drained node', (lab) => {
  runProduct(lab, { poolsOn: labNodes });

  /** A volume on that node, filled with bytes that nothing else has; returns their checksum. */
  async function filledVolume(name: string, node: string, sizeBytes: number): Promise<string> {
    await makeVolume(lab, name, node, sizeBytes);
    await lab
      .node(node)
      .run(['dd', 'if=/dev/urandom', `of=${device(name)}`, 'bs=1M', 'oflag=direct', `count=${sizeBytes / mib(1)}`], {
        timeoutMs: 300_000,
      });
    return checksumOf(lab, node, device(name));
  }

  const moveIsIn = (name: string, step: string): Promise<string> =>
    eventually(
      `the move of ${name} reaching ${step}`,
      stateOf(lab, 'lvmigrate', `evictor-${name}`),
      (state) => state === step,
    );

  /** What must be true after any move, however it went: one copy, whole, and nothing of the move left. */
  async function expectMoved(name: string, from: string, checksum: string): Promise<void> {
    await eventually(`${from} becoming Migrated`, stateOf(lab, 'lsn', from), (state) => state === 'Migrated');
    await eventually(`${name} becoming Ready`, stateOf(lab, 'lv', name), (state) => state === 'Ready');
    // The source is free before the target has settled.
    await moveIsIn(name, 'Completed');
    const traces = await Promise.all(labNodes.map(async (node) => [node, await tracesOf(lab, node, name)] as const));
    const holders = traces.filter(([, found]) => found.length > 0);
    expect(holders).toEqual([[expect.not.stringMatching(from), [name]]]);
    const [[holder] = ['']] = holders;
    expect(await checksumOf(lab, holder, device(name))).toBe(checksum);
    expect(JSON.parse(await fieldOf(lab, 'localvolumewriter', name, '.spec.inSync'))).toMatchObject([{ node: holder }]);
  }

  test('carries every byte to another node, and leaves nothing behind', async () => {
    const checksum = await filledVolume('calm', 'node1', mib(128));
    await lab.runKubectl(['drain', 'node1', '--ignore-daemonsets=true']);
    await expectMoved('calm', 'node1', checksum);
    await backInService(lab, 'node1');
    await removeVolume(lab, 'calm');
  });

  test('keeps the volume where the node opted out of eviction', async () => {
    const checksum = await filledVolume('kept', 'node1', mib(32));
    await lab.runKubectl(['label', 'node', 'node1', 'hwameistor.io/eviction=disable']);
    await lab.runKubectl(['drain', 'node1', '--ignore-daemonsets=true']);
    await eventually('node1 being in maintenance', stateOf(lab, 'lsn', 'node1'), (state) => state === 'Maintain');
    expect(await tracesOf(lab, 'node1', 'kept')).toEqual(['kept']);
    expect(await checksumOf(lab, 'node1', device('kept'))).toBe(checksum);
    await lab.runKubectl(['label', 'node', 'node1', 'hwameistor.io/eviction-']);
    await lab.runKubectl(['uncordon', 'node1']);
    await eventually('node1 becoming Ready', stateOf(lab, 'lsn', 'node1'), (state) => state === 'Ready');
    await removeVolume(lab, 'kept');
  });

  const disasters: { name: string; strike: (target: string) => Promise<void> }[] = [
    {
      name: 'a power loss of the source',
      async strike() {
        await lab.node('node1').kill();
        await lab.node('node1').boot();
      },
    },
    {
      name: 'a power loss of the target',
      async strike(target) {
        await lab.node(target).kill();
        await lab.node(target).boot();
      },
    },
    {
      name: 'a kill of both agents and the controller',
      async strike(target) {
        await lab.killProgram(programNames.controller);
        await lab.node('node1').killProgram(programNames.agent);
        await lab.node(target).killProgram(programNames.agent);
      },
    },
  ];

  test.each(disasters)('survives $name in the middle of the copy', async ({ strike }) => {
    const checksum = await filledVolume('shaken', 'node1', mib(384));
    await lab.runKubectl(['drain', 'node1', '--ignore-daemonsets=true']);
    await moveIsIn('shaken', 'Paired');
    const target = await eventually(
      'the choice of a target',
      () => fieldOf(lab, 'lvmigrate', 'evictor-shaken', '.status.targetNode'),
      (node) => node !== '',
    );
    await strike(target);
    await expectMoved('shaken', 'node1', checksum);
    await backInService(lab, 'node1');
    await removeVolume(lab, 'shaken');
  });
});
