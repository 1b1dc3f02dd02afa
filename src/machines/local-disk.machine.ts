import { setup } from 'xstate';
import { type EventOf, observing } from './event.ts';

export const localDiskEvents = {
  'disk.unsure': 'the disk is away, could not be read, or its identity is not its own alone',
  'disk.occupied': 'something is on the disk or uses it',
  'disk.claimed': 'a claim or a pool has it',
  'disk.reserved': 'read, found empty, and a person keeps it from being used',
  'disk.blank': 'read, found empty, nobody uses it',
} as const;

export type LocalDiskEvent = EventOf<typeof localDiskEvents>;

const taken = { 'disk.occupied': 'Bound', 'disk.claimed': 'Bound' } as const;

/** Lifecycle of one LocalDisk; the states are its `status.claimState` values. Only what is seen now counts. */
export const localDiskMachine = setup({
  types: observing<LocalDiskEvent>(),
}).createMachine({
  id: 'LocalDisk',
  initial: 'Pending',
  states: {
    Pending: { on: { ...taken, 'disk.blank': 'Available', 'disk.reserved': 'Reserved' } },
    Available: { on: { ...taken, 'disk.unsure': 'Pending', 'disk.reserved': 'Reserved' } },
    Bound: { on: { 'disk.unsure': 'Pending', 'disk.blank': 'Available', 'disk.reserved': 'Reserved' } },
    Reserved: { on: { ...taken, 'disk.unsure': 'Pending', 'disk.blank': 'Available' } },
  },
});
