import { setup } from 'xstate';
import { effect } from './effect.ts';
import { type EventOf, observing } from './event.ts';

export const localVolumeReplicaEvents = {
  'pool.missing': 'the volume group is not there, so nothing is known of the logical volume',
  'lv.missing': 'the volume group is there, the logical volume is not',
  'lv.vanished': 'as before, and it existed: the writer record counts on it, or its object was made of it',
  'lv.unrecorded': 'as before, and a writer record stands that does not count on it',
  'lv.untagged': 'a logical volume of that name and size exists that nobody marked',
  'lv.foreign': 'a logical volume of that name exists that is someone else’s',
  'lv.unhealthy': 'the logical volume is there, and a part of it is not',
  'lv.inactive': 'the logical volume is there, and not activated',
  'lv.undersized': 'the logical volume is smaller than asked for',
  'lv.unsynced': 'the logical volume is there, and does not hold all data yet',
  'lv.matched': 'the logical volume is as it should be',
  'delete.open': 'the tombstone is set, and something has the volume open',
  'delete.unmarked': 'the tombstone is set, and the logical volume does not say so yet',
  'delete.paired': 'the tombstone is set, and DRBD still stands on the logical volume',
  'delete.lv': 'the tombstone is set, and the logical volume is all that is left',
  'delete.waiting': 'the tombstone is set, and the logical volume is out of reach',
  'delete.clean': 'the tombstone is set, and the logical volume is gone or was never ours',
} as const;

export type LocalVolumeReplicaEvent = EventOf<typeof localVolumeReplicaEvents>;

const lost = { 'lv.missing': 'Lost', 'lv.vanished': 'Lost', 'lv.unrecorded': 'Lost' } as const;

/**
 * Lifecycle of one LocalVolumeReplica; the states are its `status.state` values. A logical volume is made in Creating
 * alone; one that is missing later is Lost, and stays so unless it is seen again.
 */
export const localVolumeReplicaMachine = setup({
  types: observing<LocalVolumeReplicaEvent>(),
  actions: {
    createLogicalVolume: effect(),
    adoptLogicalVolume: effect(),
    extendLogicalVolume: effect(),
    activateLogicalVolume: effect(),
    markDeleted: effect(),
    removeLogicalVolume: effect(),
    removeObject: effect(),
  },
}).createMachine({
  id: 'LocalVolumeReplica',
  initial: 'Creating',
  states: {
    Creating: {
      on: {
        'lv.missing': { actions: 'createLogicalVolume' },
        'lv.vanished': 'Lost',
        'lv.untagged': { actions: 'adoptLogicalVolume' },
        'lv.undersized': { actions: 'extendLogicalVolume' },
        'lv.inactive': { actions: 'activateLogicalVolume' },
        'lv.foreign': 'Invalid',
        'lv.unhealthy': 'NotReady',
        'lv.unsynced': 'NotReady',
        'lv.matched': 'Ready',
        'delete.*': 'ToBeDeleted',
      },
    },
    Ready: {
      on: {
        'pool.missing': 'NotReady',
        ...lost,
        'lv.foreign': 'Lost',
        'lv.untagged': 'NotReady',
        'lv.undersized': { actions: 'extendLogicalVolume' },
        'lv.inactive': 'NotReady',
        'lv.unhealthy': 'NotReady',
        'lv.unsynced': 'NotReady',
        'delete.*': 'ToBeDeleted',
      },
    },
    NotReady: {
      on: {
        ...lost,
        'lv.foreign': 'Lost',
        'lv.undersized': { actions: 'extendLogicalVolume' },
        'lv.inactive': { actions: 'activateLogicalVolume' },
        'lv.matched': 'Ready',
        'delete.*': 'ToBeDeleted',
      },
    },
    Lost: {
      on: {
        'lv.inactive': 'NotReady',
        'lv.unhealthy': 'NotReady',
        'lv.unsynced': 'NotReady',
        'lv.matched': 'NotReady',
        'delete.*': 'ToBeDeleted',
      },
    },
    Invalid: {
      on: { 'lv.missing': 'Creating', 'lv.vanished': 'Lost', 'lv.untagged': 'Creating', 'delete.*': 'ToBeDeleted' },
    },
    ToBeDeleted: {
      on: {
        'delete.unmarked': { actions: 'markDeleted' },
        'delete.lv': { actions: 'removeLogicalVolume' },
        'delete.clean': 'Deleted',
      },
    },
    Deleted: { on: { 'delete.clean': { actions: 'removeObject' } } },
  },
});
