import * as z from 'zod';
import { conditions } from './conditions.ts';
import { age, customResource, type CustomObject } from './custom-resource.ts';
import {
  bytes,
  checked,
  count,
  ipAddress,
  namedAsVolume,
  neverShrinks,
  nodeName,
  nodeNameOrNone,
  objectName,
  order,
  poolName,
  progress,
  quantity,
  setOnce,
  text,
  unchangeable,
  volumeBytes,
} from './fields.ts';

export const localVolumeStates = ['', 'Creating', 'Ready', 'NotReady', 'ToBeDeleted', 'Deleted'] as const;
export type LocalVolumeState = (typeof localVolumeStates)[number];

export const volumeQoS = () =>
  z
    .object({
      throughput: quantity().describe('Bytes a second.').exactOptional(),
      iops: quantity().describe('Operations a second.').exactOptional(),
    })
    .describe('Limits for reads and writes alike; empty is no limit.');

export const volumeEncrypt = () =>
  z
    .object({
      enable: z.boolean().default(false),
      type: text(32).describe('LUKS.').default('LUKS'),
      secret: text(512).describe('namespace/name of the Secret with the passphrase.').exactOptional(),
    })
    .describe('Encryption below the file system.');

const configReplica = z.object({
  id: z.int().min(0).max(31).describe('Chosen once for this copy.'),
  hostname: nodeName().describe('Node of the copy.'),
  ip: ipAddress().describe('Address that replication uses.'),
  primary: z.boolean(),
});

const config = checked(
  z.object({
    version: count().describe('Goes up with every change.'),
    volumeName: objectName(),
    volumeId: text(64)
      .describe('Chosen once; LVM tags carry it. Never the uid, which a restore changes.')
      .exactOptional(),
    requiredCapacityBytes: bytes(),
    convertible: z.boolean(),
    resourceID: z.int().min(-1).max(65535).describe('Of the DRBD resource; -1 without one.'),
    readyToInitialize: z.boolean(),
    initialized: z.boolean(),
    replicas: z.array(configReplica).max(4).describe('Where the copies are.'),
  }),
  setOnce('volumeId'),
).describe('What the controller decided. Agents act on nothing else.');

const spec = checked(
  z.object({
    requiredCapacityBytes: checked(volumeBytes(), neverShrinks).describe('Wanted size in bytes. May grow.'),
    volumeQoS: volumeQoS().exactOptional(),
    volumeEncrypt: volumeEncrypt().exactOptional(),
    poolName: checked(poolName(), unchangeable('poolName')).describe('Pool, and so kind of media.'),
    replicaNumber: z.int().min(1).max(4).describe('Number of copies.').default(1),
    convertible: z.boolean().describe('DRBD from birth, so that a copy can be added later.').default(false),
    accessibility: z
      .object({
        nodes: z.array(nodeName()).max(64).describe('Nodes that the copies must be on.').exactOptional(),
        zones: z.array(text(253)).max(64).default(['default']),
        regions: z.array(text(253)).max(64).default(['default']),
      })
      .describe('Where the copies may be.')
      .exactOptional(),
    pvcNamespace: text(253).describe('Namespace of the PersistentVolumeClaim.').exactOptional(),
    pvcName: text(253).describe('Name of the PersistentVolumeClaim.').exactOptional(),
    volumegroup: text(253).describe('LocalVolumeGroup of the volume.').exactOptional(),
    config: config.exactOptional(),
    thin: z.boolean().exactOptional(),
    thinOrigin: z
      .object({
        originType: z.enum(['volume', 'snapshot']).exactOptional(),
        originId: text(253).exactOptional(),
      })
      .exactOptional(),
    delete: order('delete').describe('The order to delete the volume with all its data.'),
  }),
  {
    rule: '!has(oldSelf.config) || has(self.config)',
    message: 'config holds what the controller decided and must stay',
    fieldPath: '.config',
  },
);

const status = z.object({
  state: z.enum(localVolumeStates).describe('Creating, Ready, NotReady, ToBeDeleted or Deleted.').exactOptional(),
  allocatedCapacityBytes: bytes().describe('Real size in bytes of each copy.').exactOptional(),
  usedCapacityBytes: bytes().describe('Used bytes of the file system.').exactOptional(),
  totalInode: z.int().min(0).exactOptional(),
  usedInode: z.int().min(0).exactOptional(),
  replicas: z.array(objectName()).max(16).describe('Names of the LocalVolumeReplicas.').exactOptional(),
  publishedNode: nodeNameOrNone().describe('Node that uses the volume.').exactOptional(),
  fsType: text(32).describe('File system on it.').exactOptional(),
  rawblock: z.boolean().describe('Used as a block device.').default(false),
  ...progress,
  conditions: conditions().exactOptional(),
});

export type LocalVolumeSpec = z.infer<typeof spec>;
export type LocalVolumeConfig = z.infer<typeof config>;
export type LocalVolumeConfigReplica = z.infer<typeof configReplica>;
export type LocalVolumeStatus = z.infer<typeof status>;
export type LocalVolume = CustomObject<LocalVolumeSpec, LocalVolumeStatus>;

export const LocalVolume = customResource({
  kind: 'LocalVolume',
  plural: 'localvolumes',
  shortNames: ['lv'],
  description: 'A volume: one or more copies of the same data, each on a node.',
  spec,
  status,
  columns: [
    { name: 'pool', type: 'string', jsonPath: '.spec.poolName', description: 'Name of the pool' },
    { name: 'replicas', type: 'integer', jsonPath: '.spec.replicaNumber', description: 'Number of copies' },
    { name: 'capacity', type: 'integer', jsonPath: '.spec.requiredCapacityBytes', description: 'Wanted bytes' },
    { name: 'used', type: 'integer', jsonPath: '.status.usedCapacityBytes', description: 'Used bytes' },
    { name: 'state', type: 'string', jsonPath: '.status.state', description: 'State of the volume' },
    {
      name: 'resource',
      type: 'integer',
      jsonPath: '.spec.config.resourceID',
      description: 'DRBD resource, -1 without one',
      priority: 1,
    },
    { name: 'published', type: 'string', jsonPath: '.status.publishedNode', description: 'Node that uses the volume' },
    { name: 'fstype', type: 'string', jsonPath: '.status.fsType', description: 'File system', priority: 1 },
    { name: 'group', type: 'string', jsonPath: '.spec.volumegroup', description: 'LocalVolumeGroup', priority: 1 },
    { name: 'age', ...age },
  ],
  selectableFields: ['.status.publishedNode'],
  validations: namedAsVolume,
});
