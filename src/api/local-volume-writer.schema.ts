import * as z from 'zod';
import { age, customResource, type CustomObject } from './custom-resource.ts';
import { checked, namedAsVolume, nodeName, objectName, order, text, unchangeable } from './fields.ts';

const vgUUID = () =>
  text(64).min(1).describe("UUID of that node's volume group, so that a node made anew is another one.");

const member = z.object({ node: nodeName(), vgUUID: vgUUID() });

const spec = checked(
  z.object({
    volumeName: objectName().describe('The volume; also the name of the record.'),
    volumeId: checked(text(64).min(1), unchangeable('volumeId')).describe('The volumeId of the volume.'),
    node: nodeName().describe('The one node that may write. Absent: the record is free.').exactOptional(),
    vgUUID: vgUUID().exactOptional(),
    epoch: checked(
      z
        .int()
        .min(0)
        .max(2 ** 48),
      { rule: 'self >= oldSelf', message: 'epoch never falls' },
    ).describe('Goes up whenever a copy is left behind. A copy whose tag has a higher one forbids every grant.'),
    inSync: z
      .array(member)
      .max(16)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['node'] })
      .describe('Copies that hold every acknowledged write.'),
    moveTo: member.describe('Target of a move: may take the record before it is in sync.').exactOptional(),
    delete: order('delete').describe('The order to delete the record, given when the volume is deleted.'),
  }),
  {
    rule: 'has(self.node) == has(self.vgUUID)',
    message: 'node and vgUUID are set and cleared together',
    fieldPath: '.node',
  },
);

export type WriterMember = z.infer<typeof member>;
export type LocalVolumeWriterSpec = z.infer<typeof spec>;
export type LocalVolumeWriter = CustomObject<LocalVolumeWriterSpec, never>;

export const LocalVolumeWriter = customResource<LocalVolumeWriterSpec, never>({
  kind: 'LocalVolumeWriter',
  plural: 'localvolumewriters',
  shortNames: ['lvw'],
  description: 'Says which node may write to a volume and which copies are in sync. Changed by compare-and-swap only.',
  spec,
  columns: [
    { name: 'node', type: 'string', jsonPath: '.spec.node', description: 'Node that may write' },
    { name: 'epoch', type: 'integer', jsonPath: '.spec.epoch', description: 'Goes up whenever a copy is left behind' },
    { name: 'inSync', type: 'string', jsonPath: '.spec.inSync[*].node', description: 'Nodes with a whole copy' },
    { name: 'moveTo', type: 'string', jsonPath: '.spec.moveTo.node', description: 'Target of a move' },
    { name: 'age', ...age },
  ],
  selectableFields: ['.spec.node'],
  validations: [
    ...namedAsVolume,
    { rule: 'self.spec.volumeName == self.metadata.name', message: "spec.volumeName must be the record's own name" },
  ],
});
