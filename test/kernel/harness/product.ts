import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { releaseAnnotation } from '../../../src/api/names.ts';
import type { Lab } from '../../lab/index.ts';
import { deployProduct, removeProduct } from '../../lab/product.ts';
import { wipeNode } from './nodes.ts';

const pollMs = 500;

export const labNodes = ['node1', 'node2', 'node3'];

export interface ProductHarness {
  /** Nodes whose two disks are claimed for a pool beforehand. */
  readonly poolsOn?: readonly string[];
  /** What is to be on the nodes before the product first looks at them. */
  readonly prepare?: () => Promise<void>;
}

/**
 * Has the product running while the tests of one file run, on nodes whose own disks begin blank and in a cluster without
 * objects of its kinds, whatever file came before, and however that ended.
 */
export function runProduct(lab: Lab, { poolsOn = [], prepare }: ProductHarness = {}): void {
  beforeAll(async () => {
    await removeProduct(lab);
    await Promise.all(labNodes.map((node) => wipeNode(lab, node)));
    await forgetObjects(lab);
    await prepare?.();
    await deployProduct(lab, () => undefined, { drainGraceSeconds: 3 });
    if (poolsOn.length === 0) return;
    await apply(lab, ...poolsOn.map((node) => claim(node)));
    const phases = () => lab.runKubectl(['get', 'ldc', '-o', 'jsonpath={.items[*].status.status}']);
    const all = poolsOn.map(() => 'Consumed').join(' ');
    await eventually('claiming the disks', phases, (seen) => seen === all);
  });

  afterAll(() => removeProduct(lab));
}

/** Takes every object of our kinds away, while nobody of the product is there to do it; nodes are as at first. */
async function forgetObjects(lab: Lab): Promise<void> {
  await lab.runKubectl(['uncordon', ...labNodes]);
  await lab.runKubectl(['label', 'nodes', ...labNodes, 'hwameistor.io/eviction-']);
  const kinds = (await lab.runKubectl(['api-resources', '--api-group=hwameistor.io', '-o', 'name'])).trim();
  if (kinds === '') return; // the first file
  const { items } = JSON.parse(await lab.runKubectl(['get', kinds.split('\n').join(','), '-o', 'json'])) as {
    items: { kind: string; metadata: { name: string } }[];
  };
  const objects = items.map(({ kind, metadata }) => `${kind}/${metadata.name}`.toLowerCase());
  for (const [index, { metadata }] of items.entries()) {
    const annotations = { [releaseAnnotation]: metadata.name };
    const patch = JSON.stringify({ metadata: { finalizers: null, annotations } });
    const { exitCode, stderr } = await lab.kubectl(['patch', objects[index] ?? '', '--type=merge', '-p', patch]);
    // One that was being deleted goes with its last finalizer, and what it owns goes after it.
    if (exitCode !== 0 && !stderr.includes('NotFound')) throw new Error(stderr);
  }
  if (objects.length > 0) await lab.runKubectl(['delete', ...objects, '--ignore-not-found', '--timeout=120s']);
}

/** Looks again and again until `accept` takes what is seen; generous, since only the outcome counts. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T>,
  accept: (seen: T) => boolean,
  timeoutMs = 600_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (accept(seen)) return seen;
    if (performance.now() > deadline) {
      throw new Error(`${what} did not happen within ${timeoutMs / 1000} s. Last seen: ${JSON.stringify(seen)}`);
    }
    await delay(pollMs);
  }
}

/** One field of one object, by kubectl's jsonpath; empty while the object or the field is not there. */
export async function fieldOf(lab: Lab, kind: string, name: string, jsonpath: string): Promise<string> {
  const { stdout } = await lab.kubectl(['get', kind, name, '--ignore-not-found', '-o', `jsonpath={${jsonpath}}`]);
  return stdout;
}

export const apply = (lab: Lab, ...manifests: readonly object[]): Promise<string> =>
  lab.runKubectl(['apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }),
  });

export const claim = (node: string, diskType = 'HDD'): object => ({
  apiVersion: 'hwameistor.io/v1alpha1',
  kind: 'LocalDiskClaim',
  metadata: { name: `${node}-claim` },
  spec: { nodeName: node, owner: 'local-storage', description: { diskType } },
});

export const volume = (name: string, options: { node?: string; sizeBytes: number; poolName?: string }): object => ({
  apiVersion: 'hwameistor.io/v1alpha1',
  kind: 'LocalVolume',
  metadata: { name },
  spec: {
    poolName: options.poolName ?? 'LocalStorage_PoolHDD',
    requiredCapacityBytes: options.sizeBytes,
    replicaNumber: 1,
    ...(options.node === undefined ? {} : { accessibility: { nodes: [options.node] } }),
  },
});

/** What of a volume is on a node's disks and in its kernel: the names of its logical volumes and DRBD resources. */
export async function tracesOf(lab: Lab, node: string, name: string): Promise<string[]> {
  const listed = await lab.node(node).run(['lvs', '--noheadings', '-o', 'lv_name']);
  const resources = await lab.node(node).run(['drbdsetup', 'events2', '--now', 'all']);
  const logicalVolumes = listed.split('\n').map((line) => line.trim());
  return [
    ...logicalVolumes.filter((found) => found.startsWith(name)),
    ...(resources.includes(`name:${name} `) ? [`drbd ${name}`] : []),
  ];
}

export const checksumOf = async (lab: Lab, node: string, device: string): Promise<string> =>
  (await lab.node(node).run(['sha256sum', device], { timeoutMs: 300_000 })).split(' ')[0] ?? '';

export const stateOf = (lab: Lab, kind: string, name: string) => (): Promise<string> =>
  fieldOf(lab, kind, name, '.status.state');

/** Orders a volume on that node and waits until it is there. */
export async function makeVolume(
  lab: Lab,
  name: string,
  node: string,
  sizeBytes: number,
  poolName?: string,
): Promise<void> {
  await apply(lab, volume(name, { node, sizeBytes, ...(poolName === undefined ? {} : { poolName }) }));
  await eventually(`${name} becoming Ready`, stateOf(lab, 'lv', name), (state) => state === 'Ready');
}

/** Waits until a volume that was ordered to go is gone, with all that it had on any node. */
export async function expectGone(lab: Lab, name: string): Promise<void> {
  const found = () => fieldOf(lab, 'lv', name, '.metadata.name');
  await eventually(`${name} going away`, found, (seen) => seen === '');
  for (const node of labNodes) expect(await tracesOf(lab, node, name)).toEqual([]);
}

export async function removeVolume(lab: Lab, name: string): Promise<void> {
  await lab.runKubectl(['patch', 'lv', name, '--type=merge', '-p', '{"spec":{"delete":true}}']);
  await expectGone(lab, name);
}

export async function backInService(lab: Lab, node: string): Promise<void> {
  await lab.runKubectl(['uncordon', node]);
  await eventually(`${node} becoming Ready`, stateOf(lab, 'lsn', node), (state) => state === 'Ready');
}
