import { setup } from 'xstate';
import { type EventOf, observing } from './event.ts';

export const localDiskEvents = {
  'disk.unsure': 'the disk is away, could not be read, or its identity is not its own alone',
  'disk.occupied': 'something is on the disk or uses it',
  'disk.claimed': 'a claim or a pool has it',
  'disk.blank': 'read, found empty, nobody uses it',
} as const;

export type LocalDiskEvent = EventOf<typeof localDiskEvents>;

/** Lifecycle of one LocalDisk; the states are its `status.claimState` values. Only what is seen now counts. */
export const localDiskMachine = setup({
  types: observing<LocalDiskEvent>(),
}).createMachine({
  id: 'LocalDisk',
  initial: 'Pending',
  states: {
    Pending: { on: { 'disk.blank': 'Available', 'disk.occupied': 'Bound', 'disk.claimed': 'Bound' } },
    Available: { on: { 'disk.unsure': 'Pending', 'disk.occupied': 'Bound', 'disk.claimed': 'Bound' } },
    Bound: { on: { 'disk.blank': 'Available', 'disk.unsure': 'Pending' } },
  },
});
