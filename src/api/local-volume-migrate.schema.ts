import * as z from 'zod';
import { conditions } from './conditions.ts';
import { age, customResource, type CustomObject } from './custom-resource.ts';
import { moveId, pairLegs } from './local-volume-replica.schema.ts';
import { bytes, checked, nodeName, nodeNameOrNone, objectName, order, progress, unchangeable } from './fields.ts';

/** AddReplica, SyncReplica, PruneReplica and Cancelled are of the original and not entered any more. */
export const localVolumeMigrateStates = [
  '',
  'Submitted',
  'Seeding',
  'Paired',
  'Synced',
  'Cutting',
  'Settling',
  'Completed',
  'ToBeAborted',
  'Aborted',
  'AddReplica',
  'SyncReplica',
  'PruneReplica',
  'Cancelled',
] as const;
export type LocalVolumeMigrateState = (typeof localVolumeMigrateStates)[number];

const spec = z.object({
  volumeName: checked(objectName(), unchangeable('volumeName')).describe('The volume to move.'),
  sourceNode: checked(nodeName(), unchangeable('sourceNode')).describe('Node that it leaves.'),
  targetNodesSuggested: z.array(nodeName()).max(64).describe('Nodes that it may go to; [] for any.'),
  migrateAllVols: z.boolean().describe('Move all volumes of its LocalVolumeGroup.').default(true),
  abort: order('abort').describe('The order to go back, as long as the source is whole.'),
});

const status = z.object({
  state: z.enum(localVolumeMigrateStates).describe('How far the move is.').exactOptional(),
  originalReplicaNumber: z.int().min(0).max(4).exactOptional(),
  targetNode: nodeNameOrNone().describe('Node that it goes to.').exactOptional(),
  volumes: z.array(objectName()).max(64).describe('Volumes that move.').exactOptional(),
  resourceID: z
    .int()
    .min(0)
    .max(65535)
    .describe('DRBD resource of the pair; port and minor follow from it.')
    .exactOptional(),
  moveId: moveId().exactOptional(),
  legs: pairLegs().exactOptional(),
  bytes: bytes().describe('What is to be moved.').exactOptional(),
  outOfSyncBytes: bytes().describe('What is still to be moved.').exactOptional(),
  ...progress,
  conditions: conditions().exactOptional(),
});

export type LocalVolumeMigrateSpec = z.infer<typeof spec>;
export type LocalVolumeMigrateStatus = z.infer<typeof status>;
export type LocalVolumeMigrate = CustomObject<LocalVolumeMigrateSpec, LocalVolumeMigrateStatus>;

/** States in which a move holds nothing any more. */
export const isFinished = (state: string | undefined): boolean =>
  state === 'Completed' || state === 'Aborted' || state === 'Cancelled';

export const LocalVolumeMigrate = customResource({
  kind: 'LocalVolumeMigrate',
  plural: 'localvolumemigrates',
  shortNames: ['lvmigrate'],
  description: 'An order to move the copy of a volume to another node.',
  spec,
  status,
  columns: [
    { name: 'volume', type: 'string', jsonPath: '.spec.volumeName', description: 'Volume that moves' },
    { name: 'from', type: 'string', jsonPath: '.spec.sourceNode', description: 'Node that it leaves' },
    { name: 'to', type: 'string', jsonPath: '.status.targetNode', description: 'Node that it goes to' },
    { name: 'state', type: 'string', jsonPath: '.status.state', description: 'How far the move is' },
    { name: 'age', ...age },
  ],
  selectableFields: ['.spec.volumeName', '.spec.sourceNode'],
  validations: [],
});
