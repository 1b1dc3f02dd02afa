import { setup } from 'xstate';
import { effect } from './effect.ts';
import { type EventOf, observing } from './event.ts';

export const diskEvacuationEvents = {
  'disk.absent': 'the disk is not there now',
  'disk.unpooled': 'the disk is to leave its pool, and is in none',
  'disk.refused': 'the disk is to leave its pool, and something speaks against it',
  'disk.open': 'the disk is to leave its pool, may do so, and still takes new volumes',
  'move.begun': 'a move off the disk that was begun here has not ended',
  'extents.left': 'the disk takes no new volumes, and volumes stand on it',
  'extents.resting': 'the same, and the last move is not long enough ago',
  'disk.empty': 'the disk takes no new volumes, and nothing stands on it',
  'disk.unreserved': 'the disk is out of its pool, and a claim might take it',
  'disk.labelled': 'the disk is out of its pool and reserved, and still carries lvm’s label',
  'disk.blank': 'the disk is out of its pool, reserved, and blank',
  'stop.waiting': 'the order was taken back, and the disk is not there now',
  'stop.moving': 'the order was taken back, and a move off the disk has not ended',
  'stop.closed': 'the order was taken back, and the disk takes no new volumes',
  'stop.clean': 'nobody wants the disk to leave, and nothing is left of it',
} as const;

export type DiskEvacuationEvent = EventOf<typeof diskEvacuationEvents>;

/** Order given, and the disk in its pool: whatever was done before, it is done from here. */
const inPool = {
  'disk.open': 'Emptying',
  'move.begun': 'Emptying',
  'extents.left': 'Emptying',
  'extents.resting': 'Emptying',
  'disk.empty': 'Emptying',
} as const;

const { 'disk.empty': _empty, ...notEmpty } = inPool;

/**
 * How a disk leaves its pool; the states are the values of `status.evacuation.state` of its LocalDisk. It takes no new
 * volumes before anything is moved, is reserved before it could be claimed, and can be kept until it has left the group.
 */
export const diskEvacuationMachine = setup({
  types: observing<DiskEvacuationEvent>(),
  actions: {
    closeDisk: effect(),
    moveExtents: effect(),
    finishMove: effect(),
    leaveGroup: effect(),
    reserveDisk: effect(),
    removeLabel: effect(),
    abortMove: effect(),
    openDisk: effect(),
  },
}).createMachine({
  id: 'DiskEvacuation',
  initial: 'Waiting',
  states: {
    Waiting: { on: { 'disk.open': 'Emptying', 'extents.left': 'Emptying', 'disk.empty': 'Emptying' } },
    Emptying: {
      on: {
        'disk.open': { actions: 'closeDisk' },
        'move.begun': { actions: 'finishMove' },
        'extents.left': { actions: 'moveExtents' },
        'disk.empty': 'Removing',
        'disk.unreserved': 'Removing',
        'disk.labelled': 'Removing',
        'disk.blank': 'Removing',
        'disk.unpooled': 'Waiting',
        'stop.*': 'Aborting',
      },
    },
    Removing: {
      on: {
        ...notEmpty,
        'disk.empty': { actions: 'leaveGroup' },
        'disk.unreserved': { actions: 'reserveDisk' },
        'disk.labelled': { actions: 'removeLabel' },
        'disk.blank': 'Removed',
        'disk.unpooled': 'Waiting',
        'stop.*': 'Aborting',
      },
    },
    Removed: {
      on: {
        'disk.unreserved': 'Waiting',
        'disk.unpooled': 'Waiting',
        'disk.refused': 'Waiting',
        'disk.open': 'Waiting',
        'extents.left': 'Waiting',
        'disk.empty': 'Waiting',
        'stop.clean': 'Waiting',
      },
    },
    Aborting: {
      on: {
        ...inPool,
        'disk.unpooled': 'Waiting',
        'stop.moving': { actions: 'abortMove' },
        'stop.closed': { actions: 'openDisk' },
        'stop.clean': 'Waiting',
      },
    },
  },
});
