import { setup } from 'xstate';
import { effect } from './effect.ts';
import { type EventOf, observing } from './event.ts';

export const legEvents = {
  'seed.metadata.absent': 'Seed: no DRBD metadata of this move stand beside the data',
  'seed.resource.down': 'Seed: the metadata stand, the kernel does not run the resource',
  'seed.disk.inconsistent': 'Seed: DRBD does not know yet that the data are good',
  'seed.role.primary': 'Seed: the data were declared good, the resource is still Primary',
  'seed.unmarked': 'Seed: up to date and Secondary, and no tag says that this was done',
  'seed.marked': 'Seed: the tag says that the source was seeded for this move',
  'pair.metadata.absent': 'Pair: the target has no DRBD metadata yet',
  'pair.metadata.lost': 'Pair: metadata that were made are not there any more',
  'pair.metadata.unmarked': 'Pair: the metadata stand, and no tag says that they were made',
  'pair.resource.down': 'Pair: the metadata stand, the kernel does not run the resource',
  'pair.epoch.old': 'Pair: the writer record counts on this copy, and the tag of the data does not name its epoch',
  'pair.link.waiting': 'Pair: the resource runs without its peer',
  'pair.link.syncing': 'Pair: connected, and not everything is on both sides',
  'pair.link.unrecorded': 'Pair: everything is on both sides, and the writer record does not say so',
  'pair.link.synced': 'Pair: everything is on both sides, and the writer record says so',
  'cut.metadata.lost': 'Cut: metadata that were made are not there any more',
  'cut.resource.down': 'Cut: the kernel does not run the resource',
  'cut.link.waiting': 'Cut: the resource runs without its peer',
  'cut.link.syncing': 'Cut: connected, and not everything is on both sides',
  'cut.link.open': 'Cut: everything is on both sides, and this one is in use',
  'cut.link.synced': 'Cut: everything is on both sides, and nobody uses this one',
  'settle.open': 'Settle: the volume is published here, so DRBD stays below it',
  'settle.role.primary': 'Settle: the volume is published nowhere, the resource is Primary still',
  'settle.epoch.old': 'Settle: the tag of the data does not name the epoch of the writer record',
  'settle.resource.up': 'Settle: nobody uses the device, the kernel runs the resource',
  'settle.metadata.present': 'Settle: the resource is down, its metadata or its file are there',
  'settle.marks.left': 'Settle: only the tags of the move are left',
  'settle.clean': 'Settle: nothing of the pair is left',
  'release.epoch.old': 'Release: the tag of the data does not name the epoch of the writer record',
  'release.open': 'Release: the volume is published here',
  'release.role.primary': 'Release: the volume is published nowhere, the resource is Primary still',
  'release.resource.up': 'Release: nobody uses the device, the kernel runs the resource',
  'release.metadata.present': 'Release: the resource is down, its metadata or its file are there',
  'release.marks.left': 'Release: only the tags of the move are left',
  'release.clean': 'Release: nothing of the pair is left',
} as const;

export type LegEvent = EventOf<typeof legEvents, { 'pair.link.unrecorded': { recordVersion: string } }>;

/**
 * One side of a DRBD pair; the states are `status.pair.state` of a LocalVolumeReplica, and each event begins with the
 * phase that the controller allows. Metadata are made and a side is promoted by force in Seeding alone, and metadata in
 * Joining for a fresh target: from there on no transition leads back.
 */
export const legMachine = setup({
  types: observing<LegEvent>(),
  actions: {
    makeMetadata: effect(),
    markMetadata: effect(),
    raise: effect(),
    promoteByForce: effect(),
    demote: effect(),
    markSeeded: effect(),
    recordInSync: effect<{ recordVersion: string }>(),
    lower: effect(),
    raiseEpoch: effect(),
    takeDown: effect(),
    removeMetadata: effect(),
    removeMarks: effect(),
  },
}).createMachine({
  id: 'Leg',
  initial: 'Absent',
  states: {
    Absent: {
      on: {
        'seed.*': 'Seeding',
        'pair.*': 'Joining',
        'settle.*': 'Releasing',
        'release.*': 'Releasing',
      },
    },
    Seeding: {
      on: {
        'seed.metadata.absent': { actions: 'makeMetadata' },
        'seed.resource.down': { actions: 'raise' },
        'seed.disk.inconsistent': { actions: 'promoteByForce' },
        'seed.role.primary': { actions: 'demote' },
        'seed.unmarked': { actions: 'markSeeded' },
        'seed.marked': 'Seeded',
        'release.*': 'Releasing',
      },
    },
    Seeded: { on: { 'pair.*': 'Paired', 'release.*': 'Releasing' } },
    Joining: {
      on: {
        'pair.metadata.absent': { actions: 'makeMetadata' },
        'pair.metadata.unmarked': { actions: 'markMetadata' },
        'pair.metadata.lost': 'Broken',
        'pair.resource.down': 'Paired',
        'pair.epoch.old': 'Paired',
        'pair.link.*': 'Paired',
        'release.*': 'Releasing',
      },
    },
    Paired: {
      on: {
        'pair.metadata.lost': 'Broken',
        'pair.epoch.old': { actions: 'raiseEpoch' },
        'pair.resource.down': { actions: 'raise' },
        'pair.link.unrecorded': 'Synced',
        'pair.link.synced': 'Synced',
        'cut.metadata.lost': 'Broken',
        'cut.resource.down': { actions: 'raise' },
        'cut.link.synced': 'Synced',
        'settle.*': 'Releasing',
        'release.*': 'Releasing',
      },
    },
    Synced: {
      on: {
        'pair.metadata.lost': 'Broken',
        'pair.epoch.old': { actions: 'raiseEpoch' },
        'pair.resource.down': 'Paired',
        'pair.link.waiting': 'Paired',
        'pair.link.syncing': 'Paired',
        'pair.link.unrecorded': {
          actions: { type: 'recordInSync', params: ({ event }) => ({ recordVersion: event.recordVersion }) },
        },
        'cut.metadata.lost': 'Broken',
        'cut.resource.down': 'Paired',
        'cut.link.waiting': 'Paired',
        'cut.link.syncing': 'Paired',
        'cut.link.synced': 'Lowering',
        'settle.*': 'Releasing',
        'release.*': 'Releasing',
      },
    },
    Lowering: {
      on: {
        'cut.link.synced': { actions: 'lower' },
        'cut.link.waiting': 'Paired',
        'cut.link.syncing': 'Paired',
        'cut.metadata.lost': 'Broken',
        'cut.resource.down': 'Down',
        'pair.*': 'Paired',
        'release.*': 'Releasing',
      },
    },
    Broken: { on: { 'settle.*': 'Releasing', 'release.*': 'Releasing' } },
    Down: { on: { 'pair.*': 'Paired', 'release.*': 'Releasing' } },
    Releasing: {
      on: {
        'settle.epoch.old': { actions: 'raiseEpoch' },
        'settle.role.primary': { actions: 'demote' },
        'settle.resource.up': { actions: 'takeDown' },
        'settle.metadata.present': { actions: 'removeMetadata' },
        'settle.marks.left': { actions: 'removeMarks' },
        'settle.clean': 'Released',
        'release.epoch.old': { actions: 'raiseEpoch' },
        'release.role.primary': { actions: 'demote' },
        'release.resource.up': { actions: 'takeDown' },
        'release.metadata.present': { actions: 'removeMetadata' },
        'release.marks.left': { actions: 'removeMarks' },
        'release.clean': 'Released',
      },
    },
    Released: {},
  },
});
