import * as z from 'zod';
import { conditions } from './conditions.ts';
import { age, customResource, type CustomObject } from './custom-resource.ts';
import {
  bytes,
  count,
  devicePath,
  instant,
  ipAddress,
  message,
  nodeName,
  objectName,
  poolClass,
  progress,
  text,
} from './fields.ts';
import { localDiskClaimRecord } from './local-disk-claim.schema.ts';

/**
 * Ready → Evicting → Migrated → (uncordon) Ready; Maintain: unschedulable and not draining; Offline: the agent's lease
 * ran out.
 */
export const localStorageNodeStates = ['', 'Ready', 'Evicting', 'Migrated', 'Maintain', 'Offline'] as const;
export type LocalStorageNodeState = (typeof localStorageNodeStates)[number];

export const poolDiskStates = ['Available', 'InUse', 'Offline'] as const;

/**
 * Of one pool. Found: seen under a pool's name, not marked yet; Degraded: LVM takes no change of it; Missing: its disks
 * are not there; Unseen: LVM could not be asked.
 */
export const poolStates = ['', 'Found', 'Healthy', 'Degraded', 'Missing', 'Unseen'] as const;
export type PoolState = (typeof poolStates)[number];

/** Of one volume in the plan of a drain. */
export const planStates = ['Waiting', 'Blocked', 'Moving', 'Moved', 'Staying'] as const;
export type PlanState = (typeof planStates)[number];

const poolDisk = z.object({
  devPath: devicePath().describe('e.g. /dev/sdb'),
  type: text(64).describe('HDD, SSD or NVMe.').exactOptional(),
  capacityBytes: bytes().exactOptional(),
  state: z.enum(poolDiskStates).exactOptional(),
  uuid: text(64).describe('UUID of the physical volume.').exactOptional(),
  localDisk: objectName().describe('Its LocalDisk.').exactOptional(),
  serialNumber: text(256).exactOptional(),
});

const thinPool = z.object({
  name: text(128).exactOptional(),
  size: bytes().exactOptional(),
  metadataSize: bytes().exactOptional(),
  dataPercent: text(32).exactOptional(),
  metadataPercent: text(32).exactOptional(),
  totalProvisionedSize: bytes().exactOptional(),
  currentProvisionRatio: text(32).exactOptional(),
  overProvisionRatio: text(32).exactOptional(),
  thinVolumes: z.array(objectName()).max(4096).exactOptional(),
});

const pool = z.object({
  name: text(128).describe('Name of the pool, and of its volume group.'),
  class: poolClass().describe('Kind of media.'),
  type: z.enum(['REGULAR']).default('REGULAR'),
  state: z.enum(poolStates).describe('Healthy, or what is wrong with it.').exactOptional(),
  path: devicePath().describe('Directory of its block devices.').exactOptional(),
  vgUUID: text(64).describe('UUID of the volume group.').exactOptional(),
  totalCapacityBytes: bytes(),
  usedCapacityBytes: bytes(),
  freeCapacityBytes: bytes(),
  volumeCapacityBytesLimit: bytes().describe('The largest volume that the pool takes.'),
  totalVolumeCount: count(),
  usedVolumeCount: count(),
  freeVolumeCount: count(),
  disks: z.array(poolDisk).max(256).default([]),
  volumes: z.array(text(128)).max(4096).describe('Volumes with data on it; [] when there is none.').default([]),
  hurtVolumes: z
    .array(text(128))
    .max(4096)
    .describe('Volumes that can not be read in whole now, as a disk below is missing; absent when there is none.')
    .exactOptional(),
  thinPool: thinPool.exactOptional(),
  ...progress,
  conditions: conditions().exactOptional(),
});

const planned = z.object({
  volume: objectName(),
  from: nodeName(),
  to: nodeName().describe('Chosen target.').exactOptional(),
  bytes: bytes().describe('What is to be moved.').exactOptional(),
  state: z.enum(planStates),
  blocker: message().describe('What it waits for: a CamelCase word and a sentence.').exactOptional(),
});

const spec = z.object({
  hostname: text(253).describe('Name of the node.').exactOptional(),
  storageIP: ipAddress().describe('Address that replication uses.').exactOptional(),
  topogoly: z
    .object({
      zone: text(253).default('default'),
      region: text(253).default('default'),
    })
    .describe('Where the node is.')
    .exactOptional(),
});

const status = z.object({
  state: z.enum(localStorageNodeStates).describe('Ready, Evicting, Migrated, Maintain or Offline.').exactOptional(),
  pools: z.record(z.string(), pool).meta({ maxProperties: 16 }).describe('Pools of the node by name.').exactOptional(),
  poolExtendRecords: z
    .record(z.string(), z.array(localDiskClaimRecord()).max(128))
    .meta({ maxProperties: 16 })
    .describe('Claims that went into each pool.')
    .exactOptional(),
  drbd: z
    .object({
      version: text(64).describe('Of the loaded module; absent without one.').exactOptional(),
      minors: z.array(z.int().min(0)).max(4096).describe('Minors that resources or their files have.'),
      ports: z.array(z.int().min(0).max(65535)).max(4096).describe('Ports that resource files name.'),
    })
    .describe('What replication can count on, and what it must keep clear of. Absent: the node could not tell.')
    .exactOptional(),
  eviction: z
    .object({
      reason: text(256).describe('What was seen: Evicted, NoEvictablePod, Requested.'),
      since: instant(),
      cordonedAt: instant()
        .describe('The cordon that it was seen with; after another one it counts no more.')
        .exactOptional(),
    })
    .describe('Why the node counts as draining. Kept until it is uncordoned.')
    .exactOptional(),
  plan: z
    .array(planned)
    .max(2048)
    .meta({
      description: 'What the drain does with each volume.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['volume'],
    })
    .exactOptional(),
  nextTry: instant().describe('When what the condition Stalled tells of is tried again.').exactOptional(),
  conditions: conditions().exactOptional(),
});

export type LocalPool = z.infer<typeof pool>;
export type PoolDisk = z.infer<typeof poolDisk>;
export type NodeDrbd = NonNullable<LocalStorageNodeStatus['drbd']>;
export type PlannedMove = z.infer<typeof planned>;
export type LocalStorageNodeSpec = z.infer<typeof spec>;
export type LocalStorageNodeStatus = z.infer<typeof status>;
export type LocalStorageNode = CustomObject<LocalStorageNodeSpec, LocalStorageNodeStatus>;

export const LocalStorageNode = customResource({
  kind: 'LocalStorageNode',
  plural: 'localstoragenodes',
  shortNames: ['lsn'],
  description: 'A node with its pools. Made by the agent of that node, named after it.',
  spec,
  status,
  columns: [
    { name: 'ip', type: 'string', jsonPath: '.spec.storageIP', description: 'Address that replication uses' },
    { name: 'status', type: 'string', jsonPath: '.status.state', description: 'State of the node' },
    ...(['HDD', 'SSD', 'NVMe'] as const).map((media) => ({
      name: `Pool${media} FreeCap`,
      type: 'integer' as const,
      jsonPath: `.status.pools.LocalStorage_Pool${media}.freeCapacityBytes`,
      description: `Free bytes of the ${media} pool`,
      priority: media === 'NVMe' ? 1 : 0,
    })),
    { name: 'age', ...age },
  ],
  selectableFields: [],
  validations: [],
});
