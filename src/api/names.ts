import { sha256 } from './sha256.ts';

export const namespace = 'hwameistor';

/** Kinds of media; each makes a pool of its own. */
export const poolClasses = ['HDD', 'SSD', 'NVMe'] as const;
export type PoolClass = (typeof poolClasses)[number];

/** A pool is the volume group of the same name. */
export const poolNames = ['LocalStorage_PoolHDD', 'LocalStorage_PoolSSD', 'LocalStorage_PoolNVMe'] as const;
export type PoolName = (typeof poolNames)[number];

export const poolNameOf = (poolClass: PoolClass): PoolName => `LocalStorage_Pool${poolClass}`;

export const poolClassOf = (pool: PoolName): PoolClass => pool.slice('LocalStorage_Pool'.length) as PoolClass;

/** Whether a volume group is one of the pools, by its name. */
export const isPoolName = (name: string): name is PoolName => (poolNames as readonly string[]).includes(name);

/** The LocalVolumeReplica of a volume on a node; the same for ever, so that making it twice makes it once. */
export const replicaName = (volume: string, node: string): string => `${volume}-${sha256(node).slice(0, 6)}`;

const metadataSuffix = '_drbdmeta';

/** The logical volume that holds DRBD's metadata of a volume while it is half of a pair. */
export const metadataVolumeName = (volume: string): string => `${volume}${metadataSuffix}`;

/** device-mapper's own limit for a name, in characters. */
export const dmNameLimit = 127;

/** The name that LVM gives a logical volume in device-mapper: hyphens doubled, one between group and volume. */
export const dmName = (volumeGroup: string, logicalVolume: string): string =>
  [volumeGroup, logicalVolume].map((name) => name.replaceAll('-', '--')).join('-');

/** Room for a volume's name with its hyphens doubled, in the longest pool and with our longest suffix. */
export const dmNameBudget =
  dmNameLimit - Math.max(...poolNames.map((pool) => dmName(pool, '').length)) - metadataSuffix.length;

/** What Kubernetes takes for the name of an object. */
export const subdomain = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/** Beginnings of names that LVM keeps for itself. */
export const reservedByLvm = ['snapshot', 'pvmove'] as const;

/**
 * The volume that a CSI name asks for: `pvc-` and a uid stand for themselves. What can't be the name of an object and of a
 * logical volume, for its letters or its length, is named by its hash, the same each time it is asked for.
 */
export function volumeNameOf(asked: string): string {
  const isName =
    subdomain.test(asked) &&
    asked.replaceAll('-', '--').length <= dmNameBudget &&
    !reservedByLvm.some((prefix) => asked.startsWith(prefix));
  return isName ? asked : `csi-${sha256(asked).slice(0, 32)}`;
}

/** The lease by which an agent shows that it lives, in the namespace `hwameistor`. */
export const agentLeaseName = (node: string): string => `hwameistor-local-storage-worker-${node}`;

/** The lease of the elected controller, in the namespace `hwameistor`. */
export const controllerLeaseName = 'hwameistor-local-storage-master';

/** The Secret that holds `clusterId` and `drbdKey`, in the namespace `hwameistor`. */
export const clusterSecretName = 'hwameistor-cluster';

export const serviceAccounts = {
  agent: 'hwameistor-local-storage',
  controller: 'hwameistor-local-storage-csi-controller',
} as const;

/** On LocalVolume and LocalVolumeReplica: the object stays until its data were seen to be gone, or released. */
export const dataProtectionFinalizer = 'hwameistor.io/data-protection';
/** On a LocalDiskClaim that has chosen disks: they are given back before it goes. */
export const claimFinalizer = 'hwameistor.io/claim-protection';

/** Annotation whose value is the object's own name: the object may go, its logical volume and tags stay. */
export const releaseAnnotation = 'hwameistor.io/release';

/**
 * Annotation on a copy whose value names nodes, `node1,node2`: its volume is made anew without what only these may hold. A
 * person's order.
 */
export const rebuildWithoutAnnotation = 'hwameistor.io/rebuild-without';

/** On a node or a pod: `start` asks for a drain, `disable` refuses one. On a LocalDisk: `start` asks for it to leave its pool. */
export const evictionLabel = 'hwameistor.io/eviction';

/** What StorageClasses and PersistentVolumes name us by. */
export const csiDriverName = 'lvm.hwameistor.io';

/** The topology of a node as kubelet puts it there by itself, from what our driver answers: its value is the node's name. */
export const topologyNodeKey = 'topology.lvm.hwameistor.io/node';

/** Before the slash of every label that says where a volume is. */
export const volumeLabelDomain = 'volume.hwameistor.io';

/** Of such a label: the volume can be used on the node; or it has a copy there that waits while another one is used. */
export const volumeLabelValues = ['replica', 'standby'] as const;
export type VolumeLabelValue = (typeof volumeLabelValues)[number];

/** Kubernetes' limit for what comes after the slash of a label, in characters. */
const labelNameLimit = 63;
const labelName = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/**
 * The label of nodes that says where a volume can be used; a PersistentVolume's affinity asks for its value `replica`. It
 * ends in the volume's name; where that is no name for a label, in its beginning and eight digits of its hash.
 */
export function volumeLabelKey(volume: string): string {
  if (volume.length <= labelNameLimit && labelName.test(volume)) return `${volumeLabelDomain}/${volume}`;
  const hash = sha256(volume).slice(0, 8);
  const beginning = volume.slice(0, labelNameLimit - hash.length - 1).replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9._-]/g, '');
  return `${volumeLabelDomain}/${beginning === '' ? hash : `${beginning}-${hash}`}`;
}

/** On a node: the cluster autoscaler does not remove it to save room. */
export const scaleDownDisabledAnnotation = 'cluster-autoscaler.kubernetes.io/scale-down-disabled';

/** On a node: the address that replication uses in place of the node's InternalIP. */
export const storageIPAnnotation = 'localstorage.hwameistor.io/storage-ipv4';

/** Field managers of what several write by server-side apply. */
export const fieldManagers = {
  agent: 'hwameistor-agent',
  /** Of the agent, too: what it keeps of claims, beside what it sees anew each time. */
  poolRecords: 'hwameistor-agent-pool-records',
  storageNode: 'local-storage-node',
  /** Of the controller, on nodes: the labels that say where volumes can be used. */
  nodeLabels: 'hwameistor-node-labels',
} as const;

/**
 * Annotation of a LocalDisk: the owner that the node filled in by itself. While it is the one in `spec.owner` it follows
 * what is seen; any other was set by a person, and stays.
 */
export const ownerAnnotation = 'hwameistor.io/owner-as-seen';

/** On a LocalDisk: the LocalDiskAction that reserved it. A person who frees the disk has the last word. */
export const reservedByAnnotation = 'hwameistor.io/reserved-by';
