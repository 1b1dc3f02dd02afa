import { apply, eventually } from './kubectl.ts';
import { defaultNodes, type DiskSpec, type NodeSpec, spinningDisk } from '../../lab/config.ts';
import type { Lab } from '../../lab/index.ts';
import { deployProduct } from '../../lab/product.ts';

const gib = 1024 ** 3;

/** The one pool of its kind, so that what asks for it lands on node1. */
const flash: DiskSpec = { ...spinningDisk(1, 'd', 2 * gib), model: 'Flash-Disk', rotational: false };

/** Three nodes with two spinning disks each, and a fast one in node1. */
export const clusterNodes = (): NodeSpec[] =>
  defaultNodes(3).map((node) => (node.number === 1 ? { ...node, disks: [...node.disks, flash] } : node));

/** `fast` is that of the pool on node1. */
export const classes = {
  ext4: 'hwameistor-ext4',
  xfs: 'hwameistor-xfs',
  retained: 'hwameistor-retained',
  fast: 'hwameistor-fast',
} as const;

const storageClass = (
  name: string,
  { fsType = 'ext4', reclaimPolicy = 'Delete', poolClass = 'HDD' }: Record<string, string> = {},
) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name },
  provisioner: 'lvm.hwameistor.io',
  parameters: {
    poolClass,
    poolType: 'REGULAR',
    replicaNumber: '1',
    volumeKind: 'LVM',
    striped: 'true',
    'csi.storage.k8s.io/fstype': fsType,
  },
  volumeBindingMode: 'WaitForFirstConsumer',
  allowVolumeExpansion: true,
  reclaimPolicy,
});

const diskClaim = (node: string, diskType: string) => ({
  apiVersion: 'hwameistor.io/v1alpha1',
  kind: 'LocalDiskClaim',
  metadata: { name: `${node}-${diskType.toLowerCase()}-claim` },
  spec: { nodeName: node, owner: 'local-storage', description: { diskType } },
});

/** The product with a pool on each node, and classes as the original's users write them. */
export async function installProduct(lab: Lab, say: (line: string) => void): Promise<void> {
  await deployProduct(lab, say);
  const spinning = clusterNodes().map(({ name }) => diskClaim(name, 'HDD'));
  const all = [...spinning, diskClaim('node1', 'SSD')];
  await apply(
    lab,
    ...all,
    storageClass(classes.ext4),
    storageClass(classes.xfs, { fsType: 'xfs' }),
    storageClass(classes.retained, { reclaimPolicy: 'Retain' }),
    storageClass(classes.fast, { poolClass: 'SSD' }),
  );
  const states = () => lab.runKubectl(['get', 'ldc', '-o', 'jsonpath={.items[*].status.status}']);
  await eventually('claiming the disks', states, (seen) => seen === all.map(() => 'Consumed').join(' '));
  const registered = () =>
    lab.runKubectl(['get', 'csinodes', '-o', 'jsonpath={.items[*].spec.drivers[*].topologyKeys[0]}']);
  await eventually('registering with kubelet', registered, (seen) => seen.split(' ').length === 3);
}
