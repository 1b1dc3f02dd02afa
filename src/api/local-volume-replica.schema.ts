import * as z from 'zod';
import { conditions } from './conditions.ts';
import { age, customResource, type CustomObject } from './custom-resource.ts';
import {
  bytes,
  checked,
  devicePath,
  ipAddress,
  message,
  neverShrinks,
  nodeName,
  objectName,
  order,
  poolName,
  progress,
  setOnce,
  text,
  unchangeable,
  volumeBytes,
  volumeName,
  volumeNameRules,
} from './fields.ts';
import { volumeEncrypt, volumeQoS } from './local-volume.schema.ts';
import { volumeContents } from './volume-content.ts';

/** `Lost`: it existed and its logical volume is not there; never made anew by itself. */
export const localVolumeReplicaStates = [
  '',
  'Creating',
  'Ready',
  'NotReady',
  'Lost',
  'ToBeDeleted',
  'Deleted',
  'Invalid',
] as const;
export type LocalVolumeReplicaState = (typeof localVolumeReplicaStates)[number];

export const pairRoles = ['source', 'target'] as const;
export type PairRole = (typeof pairRoles)[number];

/**
 * How far the controller lets a leg of a pair go. `Leave`: the volume was handed over and the target was seen whole since,
 * so a tombstone of the source is carried out.
 */
export const pairPhases = ['Seed', 'Pair', 'Cut', 'Settle', 'Release', 'Leave'] as const;
export type PairPhase = (typeof pairPhases)[number];

/** Where a leg is; written by the agent. */
export const legStates = [
  'Absent',
  'Seeding',
  'Seeded',
  'Joining',
  'Paired',
  'Synced',
  'Lowering',
  'Down',
  'Broken',
  'Releasing',
  'Released',
] as const;
export type LegState = (typeof legStates)[number];

export const haStates = ['', 'Consistent', 'Inconsistent', 'Up', 'Down'] as const;

/** The two sides of a pair with the addresses that they reach each other by, the source first. */
export const pairLegs = () =>
  z
    .array(z.object({ node: nodeName(), ip: ipAddress().min(1) }))
    .min(2)
    .max(2)
    .describe('The source first.');

/** Tells a move from every other one, also of the same name. */
export const moveId = () => text(64).min(1).describe('Chosen once for the move; LVM tags carry it.');

const pair = z
  .object({
    migrate: objectName().describe('LocalVolumeMigrate that needs the pair.'),
    moveId: moveId(),
    role: z.enum(pairRoles),
    phase: z.enum(pairPhases).describe('How far the agent may go.'),
    resourceID: z.int().min(0).max(65535),
    port: z.int().min(1).max(65535),
    minor: z.int().min(0).max(1048575),
    legs: pairLegs(),
  })
  .describe('Set while the volume moves: this copy is one leg of a DRBD pair.');

const content = () => z.enum(volumeContents);

const spec = checked(
  z.object({
    volumeName: checked(volumeName(), ...volumeNameRules('self', 'volumeName'), unchangeable('volumeName')).describe(
      'The volume, and so the logical volume.',
    ),
    volumeId: text(64).describe('The volumeId of the volume, as LVM tags carry it.').exactOptional(),
    poolName: checked(poolName(), unchangeable('poolName')).describe('Pool that the copy is in.'),
    nodeName: checked(nodeName(), unchangeable('nodeName')).describe('Node that the copy is on.'),
    requiredCapacityBytes: checked(volumeBytes(), neverShrinks).describe('Wanted size in bytes. May grow.'),
    volumeQoS: volumeQoS().exactOptional(),
    volumeEncrypt: volumeEncrypt().exactOptional(),
    thin: z.boolean().exactOptional(),
    thinOriginVolume: text(253).exactOptional(),
    content: content().describe('What is copied onto it, where it is the target of a move.').exactOptional(),
    found: z
      .boolean()
      .describe(
        'Made anew from the tags of a logical volume that was found: one that is missing was lost, and is never made.',
      )
      .exactOptional(),
    pair: pair.exactOptional(),
    delete: order('delete').describe('The order to delete this copy with its data.'),
  }),
  setOnce('volumeId'),
  setOnce('found'),
);

const epoch = () =>
  z
    .int()
    .min(0)
    .max(2 ** 48);

const pairStatus = z
  .object({
    state: z.enum(legStates),
    connection: text(64).describe("DRBD's word for the connection.").exactOptional(),
    disk: text(64).describe("DRBD's word for the disk here.").exactOptional(),
    peerDisk: text(64).describe("DRBD's word for the disk of the other leg.").exactOptional(),
    role: text(64).describe("DRBD's word for the role here.").exactOptional(),
    outOfSyncBytes: bytes().describe('What the two legs may differ in.').exactOptional(),
    epoch: epoch()
      .describe("Epoch of the writer record that this copy's own tag names; a copy that is not in sync has 0.")
      .exactOptional(),
    message: message().exactOptional(),
  })
  .describe('This leg of the pair, as the node sees it.');

const recorded = z
  .object({
    inSync: z
      .array(z.object({ node: nodeName(), vgUUID: text(64) }))
      .max(8)
      .describe('Copies that held all data at that epoch.')
      .exactOptional(),
    claim: text(512).describe('namespace/name of the PersistentVolumeClaim.').exactOptional(),
    replicas: z.int().min(1).max(4).describe('Number of copies that the volume was to have.').exactOptional(),
  })
  .describe('What the tags of the logical volume say of its volume, whose objects can be made anew from that.');

const status = z.object({
  state: z.enum(localVolumeReplicaStates).describe('Lost: it existed and is not there.').exactOptional(),
  storagePath: devicePath().describe('Device of the logical volume.').exactOptional(),
  devPath: devicePath().describe('Device that is mounted: the logical volume or the DRBD device.').exactOptional(),
  disks: z.array(devicePath()).max(256).describe('Disks that the data is on.').exactOptional(),
  allocatedCapacityBytes: bytes().describe('Real size in bytes.').exactOptional(),
  content: content()
    .describe(
      'What it holds: blank (never used), a file system, block (used as it is), or unknown. Only a blank one is formatted.',
    )
    .exactOptional(),
  synced: z.boolean().describe('It holds all data.').exactOptional(),
  haState: z
    .object({ state: z.enum(haStates), reason: message().exactOptional() })
    .describe('State of the DRBD resource.')
    .exactOptional(),
  inuse: z.boolean().describe('Something has it open.').exactOptional(),
  volumeGroupUUID: text(64).describe('UUID of the volume group.').exactOptional(),
  logicalVolumeUUID: text(64).describe('UUID of the logical volume.').exactOptional(),
  epoch: epoch()
    .describe(
      'Epoch of the writer record that the tag of the logical volume names; 0: it is no copy yet, or none any more.',
    )
    .exactOptional(),
  recorded: recorded.exactOptional(),
  pair: pairStatus.exactOptional(),
  ...progress,
  conditions: conditions().exactOptional(),
});

export type VolumeRecorded = z.infer<typeof recorded>;
export type ReplicaPair = z.infer<typeof pair>;
export type ReplicaPairStatus = z.infer<typeof pairStatus>;
export type LocalVolumeReplicaSpec = z.infer<typeof spec>;
export type LocalVolumeReplicaStatus = z.infer<typeof status>;
export type LocalVolumeReplica = CustomObject<LocalVolumeReplicaSpec, LocalVolumeReplicaStatus>;

export const LocalVolumeReplica = customResource({
  kind: 'LocalVolumeReplica',
  plural: 'localvolumereplicas',
  shortNames: ['lvr'],
  description: 'One copy of a volume: a logical volume on a node.',
  spec,
  status,
  columns: [
    {
      name: 'capacity',
      type: 'integer',
      jsonPath: '.status.allocatedCapacityBytes',
      description: 'Real size in bytes',
    },
    { name: 'node', type: 'string', jsonPath: '.spec.nodeName', description: 'Node of the copy' },
    { name: 'state', type: 'string', jsonPath: '.status.state', description: 'State of the copy' },
    { name: 'synced', type: 'boolean', jsonPath: '.status.synced', description: 'It holds all data' },
    { name: 'device', type: 'string', jsonPath: '.status.devPath', description: 'Device that is mounted' },
    { name: 'age', ...age },
  ],
  selectableFields: ['.spec.nodeName', '.spec.volumeName'],
  validations: [],
});
