import { setup } from 'xstate';
import { effect } from './effect.ts';
import { type EventOf, observing } from './event.ts';

export const localDiskActionEvents = {
  'disks.free': 'disks match the rule that nobody uses, that are not reserved, and that no person freed',
  'disks.settled': 'every disk that matches is reserved, in use, or was freed by a person',
} as const;

export type LocalDiskActionEvent = EventOf<
  typeof localDiskActionEvents,
  { 'disks.free': { disks: readonly string[] } }
>;

/** Lifecycle of one LocalDiskAction; the states are its `status.state` values. It has no end: disks may come. */
export const localDiskActionMachine = setup({
  types: observing<LocalDiskActionEvent>(),
  actions: { reserveDisks: effect<{ disks: readonly string[] }>() },
}).createMachine({
  id: 'LocalDiskAction',
  initial: 'Reserving',
  states: {
    Reserving: {
      on: {
        'disks.free': { actions: { type: 'reserveDisks', params: ({ event }) => ({ disks: event.disks }) } },
        'disks.settled': 'Settled',
      },
    },
    Settled: { on: { 'disks.free': 'Reserving' } },
  },
});
