import { setup } from 'xstate';
import { effect } from './effect.ts';
import { type EventOf, observing } from './event.ts';

export const localStorageNodeEvents = {
  'agent.lost': 'the lease of the agent is overdue',
  'node.schedulable': 'the node takes pods',
  'node.schedulable.moving': 'the node takes pods, and volumes are still being moved off it',
  'node.cordoned': 'the node takes no pods and is not drained, or was opted out',
  'node.cordoned.moving': 'as before, and volumes are still being moved off it',
  'drain.unmoved': 'the node is drained, and volumes on it have no move',
  'drain.moving': 'the node is drained, and every volume left on it has a move or a blocker',
  'drain.done': 'the node is drained, and no volume is left on it',
} as const;

export type LocalStorageNodeEvent = EventOf<
  typeof localStorageNodeEvents,
  { 'drain.unmoved': { volumes: readonly string[] } }
>;

/** Lifecycle of one LocalStorageNode; the states are its `status.state` values. */
export const localStorageNodeMachine = setup({
  types: observing<LocalStorageNodeEvent>(),
  actions: { moveVolumes: effect<{ volumes: readonly string[] }>(), abortMoves: effect() },
}).createMachine({
  id: 'LocalStorageNode',
  initial: 'Ready',
  states: {
    Ready: {
      on: {
        'agent.lost': 'Offline',
        'node.cordoned': 'Maintain',
        'node.cordoned.moving': 'Maintain',
        'drain.*': 'Evicting',
        'node.schedulable.moving': { actions: 'abortMoves' },
      },
    },
    Evicting: {
      on: {
        'agent.lost': 'Offline',
        'node.schedulable.*': 'Ready',
        'node.cordoned': 'Maintain',
        'node.cordoned.moving': 'Maintain',
        'drain.unmoved': {
          actions: { type: 'moveVolumes', params: ({ event }) => ({ volumes: event.volumes }) },
        },
        'drain.done': 'Migrated',
      },
    },
    Migrated: {
      on: {
        'agent.lost': 'Offline',
        'node.schedulable.*': 'Ready',
        'node.cordoned': 'Maintain',
        'node.cordoned.moving': 'Maintain',
        'drain.unmoved': 'Evicting',
        'drain.moving': 'Evicting',
      },
    },
    Maintain: {
      on: {
        'agent.lost': 'Offline',
        'node.schedulable.*': 'Ready',
        'drain.*': 'Evicting',
        'node.cordoned.moving': { actions: 'abortMoves' },
      },
    },
    Offline: {
      on: {
        'node.schedulable.*': 'Ready',
        'node.cordoned': 'Maintain',
        'node.cordoned.moving': 'Maintain',
        'drain.*': 'Evicting',
      },
    },
  },
});
