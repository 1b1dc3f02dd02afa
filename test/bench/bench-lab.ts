import { apply, claim, eventually } from '../kernel/harness/product.ts';
import { type Lab, type LabNode, startLab } from '../lab/index.ts';
import { deployProduct } from '../lab/product.ts';
import type { Say } from './report.ts';

export const pool = 'LocalStorage_PoolHDD';
/** For commands without the product, however many run at once. */
export const bareMs = 1_800_000;

/** A lab of one node that is up for as long as the work takes, and gone afterwards; `pods`: with a real kubelet. */
export async function onBenchLab<T>(
  benchmark: string,
  say: Say,
  work: (lab: Lab, node: LabNode) => Promise<T>,
  { pods = false }: { pods?: boolean } = {},
): Promise<T> {
  const lab = await startLab({ name: `bench-${benchmark}-${process.pid}`, nodes: 1, pods, onProgress: say });
  try {
    return await work(lab, lab.node('node1'));
  } finally {
    await lab.stop();
  }
}

/** Puts the product into the lab, and both disks of its node into the pool. */
export async function deployWithPool(lab: Lab, node: LabNode, say: Say): Promise<void> {
  await deployProduct(lab, say);
  say('claiming the disks');
  await apply(lab, claim(node.name));
  const physicalVolumes = async () => Number(await node.run(['vgs', '--noheadings', '-o', 'pv_count', pool]));
  const states = () => lab.runKubectl(['get', 'ldc', '-o', 'jsonpath={.items[*].status.status}']);
  await eventually('claiming the disks', states, (state) => state === 'Consumed');
  await eventually('both disks being in the pool', physicalVolumes, (count) => count === 2);
  const capacity = () =>
    lab.runKubectl(['get', 'lsn', node.name, '-o', `jsonpath={.status.pools.${pool}.freeCapacityBytes}`]);
  const twoDisks = 2 * 1000 * 1000 * 1000;
  await eventually('the node telling its capacity', capacity, (freeBytes) => Number(freeBytes) > twoDisks);
}

/** Lets the work use both disks of the node as a bare volume group; they are blank again afterwards. */
export async function onBareGroup<T>(node: LabNode, work: (group: string) => Promise<T>): Promise<T> {
  const group = 'bare';
  const disks = ['/dev/ubdb', '/dev/ubdc'];
  await node.run(['vgcreate', '-qq', group, ...disks]);
  const result = await work(group);
  await node.run(['vgremove', '-qq', '--force', group], { timeoutMs: bareMs });
  await node.run(['pvremove', '-qq', ...disks]);
  // LVM wipes its label; its metadata area further on would not pass for blank.
  for (const disk of disks) await node.run(['dd', 'if=/dev/zero', `of=${disk}`, 'bs=1M', 'count=2', 'oflag=direct']);
  return result;
}
