import { beforeAll, expect, test } from 'vitest';
import { mib } from '../../src/api/units.ts';
import {
  apply,
  backInService,
  eventually,
  expectGone,
  fieldOf,
  labNodes,
  makeVolume,
  runProduct,
  stateOf,
  tracesOf,
  volume,
} from './harness/product.ts';
import { healthPort } from '../lab/product.ts';
import { describeOnLab } from './harness/lab.ts';

const kib64 = 'x'.repeat(65_536);

/** Bound to its node by hand; no kubelet runs it, and a drain would evict it. */
const podOn = (node: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'lodger', namespace: 'default' },
  spec: { nodeName: node, automountServiceAccountToken: false, containers: [{ name: 'app', image: 'app' }] },
});

describeOnLab('the documented procedures', (lab) => {
  runProduct(lab, { poolsOn: ['node1', 'node3'] });

  // One volume goes through all of them.
  beforeAll(() => makeVolume(lab, 'precious', 'node1', mib(32)));

  /** Header and rows as kubectl prints them, runs of blanks as one. */
  async function tableOf(kind: string): Promise<string[]> {
    const text = await lab.runKubectl(['get', kind]);
    return text
      .trim()
      .split('\n')
      .map((line) => line.trim().replaceAll(/\s+/g, ' '));
  }

  test('an agent says that it is alive and ready, and counts what it did', async () => {
    const node = lab.node('node1');
    const page = (path: string): Promise<string> =>
      node.run([
        process.execPath,
        '--eval',
        `fetch('http://127.0.0.1:${healthPort}${path}').then(async (page) => console.log(page.status, await page.text()))`,
      ]);
    await eventually(
      'the agent is ready',
      () => page('/readyz'),
      (text) => text.startsWith('200 '),
    );
    expect(await page('/healthz')).toMatch(/^200 /);
    const metrics = await page('/metrics');
    expect(metrics).toMatch(
      /^controller_runtime_reconcile_total\{controller="local-volume-replica",result="success"\} [1-9]/m,
    );
    expect(metrics).toMatch(/^rest_client_requests_total\{.*\} [1-9]/m);
  });

  test('kubectl get ld,ldc,lsn,lv,lvr shows what is known of each', async () => {
    const [disks, claims, nodes, volumes, replicas] = await Promise.all(
      ['ld', 'ldc', 'lsn', 'lv', 'lvr'].map((kind) => tableOf(kind)),
    );
    expect(disks?.[0]).toBe('NAME NODEMATCH DEVICEPATH OWNER PHASE STATE AGE');
    expect(disks).toContainEqual(
      expect.stringMatching(/^localdisk-[0-9a-f]{32} node1 \/dev\/ubdb local-storage Bound Active \d+\w+$/),
    );
    expect(claims).toEqual([
      'NAME NODEMATCH PHASE OWNER',
      'node1-claim node1 Consumed local-storage',
      'node3-claim node3 Consumed local-storage',
    ]);
    expect(nodes?.[0]).toBe('NAME IP STATUS POOLHDD FREECAP POOLSSD FREECAP AGE');
    expect(nodes).toContainEqual(expect.stringMatching(/^node3 10\.77\.0\.13 Ready \d{10} \d+\w+$/));
    expect(volumes?.[0]).toBe('NAME POOL REPLICAS CAPACITY USED STATE PUBLISHED AGE');
    expect(volumes?.[1]).toMatch(/^precious LocalStorage_PoolHDD 1 33554432 Ready \d+\w+$/);
    expect(replicas?.[0]).toBe('NAME CAPACITY NODE STATE SYNCED DEVICE AGE');
    expect(replicas?.[1]).toMatch(
      /^precious-[0-9a-f]{6} 33554432 node1 Ready true \/dev\/LocalStorage_PoolHDD\/precious \d+\w+$/,
    );
  });

  test('a cordon moves nothing while a pod is there that a drain would evict, counts as a drain without, and is taken back by uncordon', async () => {
    await apply(lab, podOn('node1'));
    try {
      await lab.runKubectl(['cordon', 'node1']);
      await eventually('node1 being cordoned', stateOf(lab, 'lsn', 'node1'), (state) => state === 'Maintain');
      // A node without pods that is cordoned later tells when the grace is over.
      await lab.runKubectl(['cordon', 'node2']);
      await eventually('node2 counting as drained', stateOf(lab, 'lsn', 'node2'), (state) => state === 'Migrated');
      await eventually('node1 still being cordoned', stateOf(lab, 'lsn', 'node1'), (state) => state === 'Maintain');
      expect(await lab.runKubectl(['get', 'lvmigrate', '-o', 'name'])).toBe('');
      expect(await tracesOf(lab, 'node1', 'precious')).toEqual(['precious']);
    } finally {
      await lab.runKubectl(['delete', 'pod', 'lodger', '--force', '--grace-period=0']);
    }
    // That what now begins ends well is shown where moves are.
    const drained = (state: string): boolean => state === 'Evicting' || state === 'Migrated';
    await eventually('node1 counting as drained', stateOf(lab, 'lsn', 'node1'), drained);
    const plan = (): Promise<string> => fieldOf(lab, 'lsn', 'node1', '.status.plan[*].volume');
    await eventually('the plan naming the volume', plan, (volumes) => volumes === 'precious');
    for (const node of ['node1', 'node2']) await backInService(lab, node);
  });

  test('kubectl delete lv is refused, and names the command by which everything of the volume goes', async () => {
    const refused = await lab.kubectl(['delete', 'lv', 'precious']);
    expect(refused.exitCode).not.toBe(0);
    const command = /kubectl (patch localvolumes precious --type merge -p) '([^']*)'/.exec(refused.stderr);
    expect(command, refused.stderr).not.toBeNull();
    expect(await stateOf(lab, 'lv', 'precious')()).toBe('Ready');

    const [, verb = '', patch = ''] = command ?? [];
    await lab.runKubectl([...verb.split(' '), patch]);
    await expectGone(lab, 'precious');
    expect(await lab.runKubectl(['get', 'lvr,lvw', '-o', 'name'])).toBe('');
  });

  /** How often each process of the product was started so far: one that dies is started again. */
  async function starts(): Promise<unknown[]> {
    const all = [lab.programs(), ...labNodes.map((node) => lab.node(node).programs())];
    return (await Promise.all(all)).map((found) => found.map(({ name, starts: count }) => [name, count]));
  }

  const claimOn = (node: string, description: object): object => ({
    apiVersion: 'hwameistor.io/v1alpha1',
    kind: 'LocalDiskClaim',
    metadata: { name: 'odd' },
    spec: { nodeName: node, owner: 'local-storage', description },
  });
  const odd = (spec: object, name = 'odd'): object => {
    const sound = volume(name, { sizeBytes: mib(32) }) as { spec: object };
    return { ...sound, spec: { ...sound.spec, ...spec } };
  };

  test('a bad object is refused with the field named, or tells in a condition what is wrong; no process dies', async () => {
    const before = await starts();

    const refused: [object, string][] = [
      [odd({ requiredCapacityBytes: -1 }), 'spec.requiredCapacityBytes'],
      [odd({ poolName: 'LocalStorage_PoolTape' }), 'spec.poolName'],
      [odd({ pvcName: kib64 }), 'spec.pvcName'],
      [odd({}, 'snapshot-1'), 'metadata.name'],
      [odd({}, 'v'.repeat(120)), 'metadata.name'],
      [claimOn('node1', { devicePaths: [kib64] }), 'spec.description.devicePaths'],
    ];
    for (const [object, field] of refused) {
      const input = JSON.stringify(object);
      const answer = await lab.kubectl(['create', '-f', '-'], { input });
      expect([answer.exitCode, answer.stderr]).toEqual([1, expect.stringContaining(field)]);
    }

    const elsewhere = await lab.runKubectl([
      'get',
      'ld',
      '-o',
      'jsonpath={.items[?(@.spec.nodeName=="node2")].metadata.name}',
    ]);
    const [stranger = ''] = elsewhere.split(' ');
    const told: [object, string, string, string][] = [
      [
        odd({ requiredCapacityBytes: 2 ** 40 }, 'odd-size'),
        'lv/odd-size',
        'NoRoom',
        'bytes free, 1099511627776 are needed',
      ],
      [odd({ poolName: 'LocalStorage_PoolNVMe' }, 'odd-pool'), 'lv/odd-pool', 'NoRoom', 'LocalStorage_PoolNVMe'],
      [odd({ accessibility: { nodes: ['nowhere'] } }, 'odd-node'), 'lv/odd-node', 'NoRoom', 'not among the nodes'],
      [odd({ replicaNumber: 2 }, 'odd-number'), 'lv/odd-number', 'ReplicaNumberNotSupported', 'one replica'],
      [claimOn('node1', { localDiskNames: [stranger] }), 'ldc/odd', 'NoDiskMatches', 'is not a disk of node node1'],
    ];
    await apply(lab, ...told.map(([object]) => object));
    for (const [, name, reason, message] of told) {
      const look = (): Promise<string> => lab.runKubectl(['get', name, '-o', 'jsonpath={.status.conditions[0]}']);
      const condition = await eventually(`a condition of ${name}`, look, (seen) => seen !== '');
      expect(JSON.parse(condition)).toMatchObject({
        status: 'False',
        reason,
        message: expect.stringContaining(message),
      });
    }
    for (const [, name] of told.filter(([, found]) => found.startsWith('lv/')))
      await lab.runKubectl(['patch', name, '--type=merge', '-p', '{"spec":{"delete":true}}']);
    await lab.runKubectl(['delete', 'ldc/odd', '--timeout=60s']);
    const left = (): Promise<string> => lab.runKubectl(['get', 'lv', '-o', 'jsonpath={.items[*].metadata.name}']);
    await eventually('the odd volumes going', left, (names) => !names.includes('odd'));

    expect(await starts()).toEqual(before);
  });
});
