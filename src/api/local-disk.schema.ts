import * as z from 'zod';
import { conditions } from './conditions.ts';
import { age, customResource, type CustomObject } from './custom-resource.ts';
import { bytes, count, devicePath, instant, nodeNameOrNone, progress, text } from './fields.ts';

/** "" until the first look. */
export const localDiskClaimStates = ['', 'Bound', 'Available', 'Pending', 'Reserved'] as const;
export type LocalDiskClaimState = (typeof localDiskClaimStates)[number];

export const localDiskStates = ['', 'Active', 'Inactive', 'Unknown'] as const;
export const diskOwners = ['', 'local-storage', 'local-disk-manager', 'system'] as const;
export type DiskOwner = (typeof diskOwners)[number];

/** Waiting: ordered and not begun. Aborting: the order was taken back, and what was begun is being undone. */
export const diskEvacuationStates = ['Waiting', 'Emptying', 'Removing', 'Removed', 'Aborting'] as const;
export type DiskEvacuationState = (typeof diskEvacuationStates)[number];

/** A reference as Kubernetes writes it; only `name` is read here. */
export const objectReference = () =>
  z.object({
    apiVersion: text(253).exactOptional(),
    kind: text(253).exactOptional(),
    name: text(253).exactOptional(),
    namespace: text(253).exactOptional(),
    uid: text(128).exactOptional(),
    resourceVersion: text(128).exactOptional(),
    fieldPath: text(1024).exactOptional(),
  });

const attributes = z.object({
  type: text(64)
    .describe('Kind of media: HDD, SSD or NVMe. May be edited where the disk tells it wrongly.')
    .exactOptional(),
  devType: text(64).describe('disk or part.').exactOptional(),
  vendor: text(256).exactOptional(),
  product: text(256).exactOptional(),
  pciVendorID: text(64).describe('PCI vendor, NVMe only.').exactOptional(),
  modelName: text(256).exactOptional(),
  serialNumber: text(256).exactOptional(),
  wwn: text(256).describe('World wide name.').exactOptional(),
  partUUID: text(64).describe('PARTUUID, of a partition.').exactOptional(),
  formFactor: text(64).exactOptional(),
  rotationRate: count().describe('Rotations a minute.').exactOptional(),
  protocol: text(64).describe('Transport such as ATA, SCSI or NVMe.').exactOptional(),
});

const partition = z.object({
  path: devicePath().describe('Device of the partition, or of the disk where the file system has the whole disk.'),
  hasFileSystem: z.boolean(),
  filesystem: z
    .object({
      fsType: text(64).describe('Type of what was found, e.g. ext4 or LVM2_member.').exactOptional(),
      mountPoint: text(4096).exactOptional(),
    })
    .exactOptional(),
});

const spec = z.object({
  nodeName: nodeNameOrNone().describe('Node that has the disk, or had it last.'),
  preNodeName: nodeNameOrNone().describe('Node that had the disk before.').exactOptional(),
  uuid: text(256).describe('What tells this disk from every other.').exactOptional(),
  pvUUID: text(64)
    .describe('UUID of the LVM physical volume by which a pool knows the disk. Kept while the disk is away.')
    .exactOptional(),
  devicePath: devicePath().describe('Device node, e.g. /dev/sdb; none while the disk is away.').exactOptional(),
  preDevicePath: devicePath().describe('Device node before that.').exactOptional(),
  devLinks: z.array(devicePath()).max(64).describe('Stable links to it in /dev/disk.').default([]),
  capacity: bytes().describe('Size in bytes.').exactOptional(),
  partitioned: z.boolean().describe('It has partitions, a file system or another signature.').exactOptional(),
  partitionInfo: z.array(partition).max(128).describe('What was found on it.').exactOptional(),
  isRaid: z.boolean().describe('An array of the kernel (md) has it.').exactOptional(),
  raidInfo: z.object({ raidMaster: devicePath().exactOptional() }).exactOptional(),
  supportSmart: z.boolean().exactOptional(),
  smartInfo: z
    .object({ overallHealth: text(64).describe('Passed, Failed or Unknown, as the disk itself says (SMART).') })
    .exactOptional(),
  diskAttributes: attributes.describe('What the disk says of itself.').exactOptional(),
  state: z
    .enum(localDiskStates)
    .describe(
      'Active: the disk is there; Inactive: it is not. Unknown: it was, and the agent of its node is not alive.',
    )
    .exactOptional(),
  claimRef: objectReference().describe('The LocalDiskClaim that took the disk.').exactOptional(),
  reserved: z.boolean().describe('Never to be claimed.').exactOptional(),
  owner: z.enum(diskOwners).describe('Who uses the disk.').exactOptional(),
  major: text(16).describe('Major device number.').exactOptional(),
  minor: text(16).describe('Minor device number.').exactOptional(),
});

const evacuation = z.object({
  state: z
    .enum(diskEvacuationStates)
    .describe('Waiting, Emptying, Removing, Removed, or Aborting where the order was taken back.'),
  ...progress,
  pool: text(128).describe('Pool that the disk leaves.').exactOptional(),
  physicalVolume: text(64).describe('UUID of its physical volume, from when it begins.').exactOptional(),
  totalBytes: bytes().describe('What stood on the disk when it began.').exactOptional(),
  leftBytes: bytes().describe('What still stands on it.').exactOptional(),
  pieceSince: instant().describe('When the move of the present piece began.').exactOptional(),
});

const status = z.object({
  claimState: z
    .enum(localDiskClaimStates)
    .describe('Available: it may be claimed. Bound: it is in use.')
    .exactOptional(),
  evacuation: evacuation
    .describe('How far the disk is with leaving its pool, as label hwameistor.io/eviction=start on it asks for.')
    .exactOptional(),
  nextTry: instant().describe('When what the condition Stalled tells of is tried again.').exactOptional(),
  conditions: conditions().exactOptional(),
});

export type DiskEvacuation = z.infer<typeof evacuation>;
export type LocalDiskSpec = z.infer<typeof spec>;
export type LocalDiskStatus = z.infer<typeof status>;
export type LocalDisk = CustomObject<LocalDiskSpec, LocalDiskStatus>;

export const LocalDisk = customResource({
  kind: 'LocalDisk',
  plural: 'localdisks',
  shortNames: ['ld'],
  description: 'A disk of a node, or a partition of one. Made by that node as it finds it.',
  spec,
  status,
  columns: [
    { name: 'NodeMatch', type: 'string', jsonPath: '.spec.nodeName' },
    { name: 'Capacity', type: 'integer', jsonPath: '.spec.capacity', priority: 1 },
    { name: 'PreNodeMatch', type: 'string', jsonPath: '.spec.preNodeName', priority: 1 },
    { name: 'DevicePath', type: 'string', jsonPath: '.spec.devicePath' },
    { name: 'PreDevicePath', type: 'string', jsonPath: '.spec.preDevicePath', priority: 1 },
    { name: 'Owner', type: 'string', jsonPath: '.spec.owner' },
    { name: 'Phase', type: 'string', jsonPath: '.status.claimState' },
    { name: 'Health', type: 'string', jsonPath: '.spec.smartInfo.overallHealth', priority: 1 },
    { name: 'Reserved', type: 'boolean', jsonPath: '.spec.reserved', priority: 1 },
    { name: 'State', type: 'string', jsonPath: '.spec.state' },
    { name: 'Age', ...age },
  ],
  selectableFields: ['.spec.nodeName'],
  validations: [],
});
