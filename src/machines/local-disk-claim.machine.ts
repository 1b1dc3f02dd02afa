import { setup } from 'xstate';
import { effect } from './effect.ts';
import { type EventOf, observing } from './event.ts';

export const localDiskClaimEvents = {
  'disks.none': 'no disk of the node passes every rule of the claim',
  'disks.matched': 'these disks pass every rule',
  'disks.recorded': 'the claim names its disks, and not all of them name the claim',
  'disks.claimed': 'every disk of the claim names it',
  'disks.lost': 'no disk is the claim’s any more',
  'disks.mislisted': 'the list of the claim is not that of the disks that are its own now',
  'pool.dirty': 'some disks of the claim are to be wiped before they go into the pool',
  'pool.lacking': 'some disks of the claim are not in the pool, and may be put into it',
  'pool.refusing': 'a disk of the claim can’t be put into the pool now',
  'pool.unrecorded': 'the pool holds every disk of the claim, and its node does not tell of the claim yet',
  'pool.holding': 'the pool holds every disk of the claim, and its node tells of the claim',
  'delete.requested': 'the claim is being deleted, and disks outside the pool name it',
  'delete.released': 'the claim is being deleted, and no disk outside the pool names it any more',
} as const;

export type LocalDiskClaimEvent = EventOf<
  typeof localDiskClaimEvents,
  {
    'disks.matched': { disks: readonly string[] };
    'disks.recorded': { disks: readonly string[] };
    'disks.mislisted': { disks: readonly string[] };
    'pool.dirty': { disks: readonly string[] };
    'pool.lacking': { disks: readonly string[] };
  }
>;

const disks = ({ event }: { event: { disks: readonly string[] } }): { disks: readonly string[] } => ({
  disks: event.disks,
});

/**
 * Lifecycle of one LocalDiskClaim; the states are its `status.status` values. The choice of disks, with what stands on
 * those that are to be wiped, is written down before a disk is taken, and a disk is taken before it is wiped or put into
 * the pool.
 */
export const localDiskClaimMachine = setup({
  types: observing<LocalDiskClaimEvent>(),
  actions: {
    recordDisks: effect<{ disks: readonly string[] }>(),
    claimDisks: effect<{ disks: readonly string[] }>(),
    wipeDisks: effect<{ disks: readonly string[] }>(),
    extendPool: effect<{ disks: readonly string[] }>(),
    recordExtension: effect(),
    releaseDisks: effect(),
    removeObject: effect(),
  },
}).createMachine({
  id: 'LocalDiskClaim',
  initial: 'Pending',
  states: {
    Pending: {
      on: {
        'disks.matched': { actions: { type: 'recordDisks', params: disks } },
        'disks.recorded': { actions: { type: 'claimDisks', params: disks } },
        'disks.claimed': 'Bound',
        'delete.*': 'ToBeDeleted',
      },
    },
    Bound: {
      on: { 'disks.lost': 'Pending', 'disks.mislisted': 'Extending', 'pool.*': 'Extending', 'delete.*': 'ToBeDeleted' },
    },
    Extending: {
      on: {
        'disks.lost': 'Pending',
        'disks.mislisted': { actions: { type: 'recordDisks', params: disks } },
        'pool.dirty': { actions: { type: 'wipeDisks', params: disks } },
        'pool.lacking': { actions: { type: 'extendPool', params: disks } },
        'pool.unrecorded': { actions: 'recordExtension' },
        'pool.holding': 'Consumed',
        'delete.*': 'ToBeDeleted',
      },
    },
    Consumed: { on: { 'delete.*': 'ToBeDeleted' } },
    ToBeDeleted: { on: { 'delete.requested': { actions: 'releaseDisks' }, 'delete.released': 'Deleted' } },
    Deleted: { on: { 'delete.released': { actions: 'removeObject' } } },
  },
});
