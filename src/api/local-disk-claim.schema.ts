import * as z from 'zod';
import { conditions } from './conditions.ts';
import { customResource, type CustomObject } from './custom-resource.ts';
import { bytes, checked, devicePath, nodeName, objectName, poolClass, progress, setOnce } from './fields.ts';
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
        localDiskNames: z.array(objectName()).max(256).describe('Only these LocalDisks.').exactOptional(),
        devicePaths: z.array(devicePath()).max(256).describe('Only disks at these device nodes.').exactOptional(),
      })
      .describe('Which disks: all of the node that fit every field that is set.')
      .exactOptional(),
    diskRefs: z
      .array(objectReference())
      .max(256)
      .describe('The disks that were taken. Written by the node.')
      .exactOptional(),
  });

const spec = checked(localDiskClaimRecord(), setOnce('nodeName'));

const status = z.object({
  status: z.enum(localDiskClaimPhases).describe('How far the claim is.').exactOptional(),
  ...progress,
  conditions: conditions().exactOptional(),
});

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
