import * as z from 'zod';
import { conditions } from './conditions.ts';
import { customResource, type CustomObject, type ValidationRule } from './custom-resource.ts';
import { bytes, checked, devicePath, nodeName, objectName, poolClass, progress, setOnce, text } from './fields.ts';
import { diskOwners, objectReference } from './local-disk.schema.ts';

/** "" until first seen; `Consumed`: the disks are in their pool, and the claim goes away by itself. */
export const localDiskClaimPhases = [
  '',
  'Pending',
  'Bound',
  'Extending',
  'Consumed',
  'ToBeDeleted',
  'Deleted',
] as const;
export type LocalDiskClaimPhase = (typeof localDiskClaimPhases)[number];

/** What a claim asks for, as a pool's `poolExtendRecords` keep it. */
export const localDiskClaimRecord = () =>
  z.object({
    nodeName: nodeName().describe('Node whose disks are claimed.'),
    owner: z.enum(diskOwners).describe('Who is to use the disks; local-storage makes them a pool.').exactOptional(),
    description: z
      .object({
        diskType: poolClass().describe('Kind of media, and so the pool.').exactOptional(),
        capacity: bytes().describe('Least size of a disk, in bytes.').exactOptional(),
        count: z
          .int()
          .min(1)
          .max(256)
          .describe(
            'How many disks: blank ones before those to be wiped, then the smallest, then in the order of their device nodes. None is taken before so many fit. Absent: every disk that fits.',
          )
          .exactOptional(),
        localDiskNames: z.array(objectName()).max(256).describe('Only these LocalDisks.').exactOptional(),
        devicePaths: z.array(devicePath()).max(256).describe('Only disks at these device nodes.').exactOptional(),
      })
      .describe('Which disks: all of the node that fit every field that is set.')
      .exactOptional(),
    wipe: z
      .boolean()
      .describe(
        'Takes file systems, partitions and other signatures off the disks that the description names. Their data are lost.',
      )
      .exactOptional(),
    diskRefs: z
      .array(objectReference())
      .max(256)
      .describe('The disks that were taken. Written by the node.')
      .exactOptional(),
  });

/** CEL of `spec`: whether the claim names disks. */
const namesDisks = ['localDiskNames', 'devicePaths']
  .map((field) => `(has(self.description.${field}) && size(self.description.${field}) > 0)`)
  .join(' || ');

/** A disk that is only off for a while, a stopped Ceph OSD for one, must not go to a claim that asks for a kind of disk. */
const wipesByName: ValidationRule = {
  rule: `!has(self.wipe) || !self.wipe || (has(self.description) && (${namesDisks}))`,
  message:
    'wipe needs the disks named, in description.localDiskNames or description.devicePaths: a claim by kind or size alone could wipe a disk that somebody needs',
  fieldPath: '.wipe',
};

/** What stood on its disks was written down when they were chosen, or was not. */
const wipesFromTheStart: ValidationRule = {
  rule: '!has(self.wipe) || !self.wipe || (has(oldSelf.wipe) && oldSelf.wipe) || !has(oldSelf.diskRefs) || size(oldSelf.diskRefs) == 0',
  message: "wipe can't be set once the claim has chosen its disks: delete it and make it anew with wipe",
  fieldPath: '.wipe',
};

const spec = checked(localDiskClaimRecord(), setOnce('nodeName'), wipesByName, wipesFromTheStart);

/** So many marks of one disk are written down; one that has more is not wiped. */
export const maxMarks = 64;

const mark = z.object({
  type: text(64).describe('As blkid and wipefs name it, e.g. ext4, gpt.'),
  uuid: text(128).exactOptional(),
  offsetBytes: z.int().min(0).describe('Where on the device it stands.').exactOptional(),
  partition: text(64)
    .describe("What the partition's name adds to the disk's, e.g. 1; none: the disk itself.")
    .exactOptional(),
});

const wipe = z.object({
  disk: objectName().describe('Its LocalDisk.'),
  devicePath: devicePath().describe('Where it was then.'),
  signatures: z.array(mark).max(maxMarks).describe('What stood on it and its partitions.'),
  partitions: z.array(text(64)).max(maxMarks).describe("What its partitions' names add to its own."),
  wiped: z.boolean().describe('It is gone.'),
});

const status = z.object({
  status: z.enum(localDiskClaimPhases).describe('How far the claim is.').exactOptional(),
  wipes: z
    .array(wipe)
    .max(256)
    .describe(
      'What stood on each disk that is wiped, written down when it was chosen; of anything else nothing is wiped.',
    )
    .exactOptional(),
  ...progress,
  conditions: conditions().exactOptional(),
});

export type DiskWipe = z.infer<typeof wipe>;
export type LocalDiskClaimSpec = z.infer<typeof spec>;
export type LocalDiskClaimStatus = z.infer<typeof status>;
export type LocalDiskClaim = CustomObject<LocalDiskClaimSpec, LocalDiskClaimStatus>;

export const LocalDiskClaim = customResource({
  kind: 'LocalDiskClaim',
  plural: 'localdiskclaims',
  shortNames: ['ldc'],
  description: 'An order to put bare disks of a node into its pool. Goes away by itself once that is done.',
  spec,
  status,
  columns: [
    { name: 'NodeMatch', type: 'string', jsonPath: '.spec.nodeName' },
    { name: 'Phase', type: 'string', jsonPath: '.status.status' },
    { name: 'Owner', type: 'string', jsonPath: '.spec.owner' },
  ],
  selectableFields: ['.spec.nodeName'],
  validations: [],
});
