import { setup } from 'xstate';
import { effect } from './effect.ts';
import { type EventOf, observing } from './event.ts';

export const localVolumeEvents = {
  'name.taken': 'objects of an earlier volume of this name are left, whose data were kept',
  'placement.refused': 'no node can take the volume now',
  'placement.found': 'these nodes can take the volume, and none was written down yet',
  'replicas.missing': 'replicas that the config names have no object, and no writer record counts on any',
  'replicas.vanished': 'a writer record stands, and replicas that the config names have no object any more',
  'replicas.waiting': 'not every replica is ready',
  'record.missing': 'the replicas are ready and no writer record exists',
  'record.undecided':
    'no writer record exists, or one from before the data, and the copies do not say yet what it should be',
  'record.behind': 'the writer record is from before the data, and the copies say what it should be',
  'replicas.undersized': 'every replica is ready, and some are to be larger, for which there is room',
  'replicas.ready': 'every replica is ready and the writer record stands',
  'delete.requested': 'the tombstone is set, and the writer record still lets nodes in',
  'delete.published': 'the tombstone is set, and a node has the volume open',
  'delete.replicas': 'the tombstone is set, nobody may open the volume, replicas are left',
  'delete.released': 'replicas that are left were given up by a person',
  'delete.waiting': 'every replica that is left has its own tombstone',
  'delete.record': 'no replica is left, the writer record is',
  'delete.clean': 'nothing of the volume is left but its object',
} as const;

export type LocalVolumeEvent = EventOf<
  typeof localVolumeEvents,
  { 'placement.found': { nodes: readonly string[] }; 'replicas.missing': { nodes: readonly string[] } }
>;

const nodes = ({ event }: { event: { nodes: readonly string[] } }): { nodes: readonly string[] } => ({
  nodes: event.nodes,
});

/**
 * Lifecycle of one LocalVolume; the states are its `status.state` values. Replica objects are made in Creating alone: a
 * replica that vanishes later held data, and is never replaced by an empty one.
 */
export const localVolumeMachine = setup({
  types: observing<LocalVolumeEvent>(),
  actions: {
    saveConfig: effect<{ nodes: readonly string[] }>(),
    createReplicas: effect<{ nodes: readonly string[] }>(),
    createRecord: effect(),
    raiseRecord: effect(),
    growReplicas: effect(),
    closeRecord: effect(),
    deleteReplicas: effect(),
    forgetReplicas: effect(),
    deleteRecord: effect(),
    removeObject: effect(),
  },
}).createMachine({
  id: 'LocalVolume',
  initial: 'Creating',
  states: {
    Creating: {
      on: {
        'placement.found': { actions: { type: 'saveConfig', params: nodes } },
        'replicas.missing': { actions: { type: 'createReplicas', params: nodes } },
        'replicas.vanished': 'NotReady',
        'record.missing': { actions: 'createRecord' },
        'record.undecided': 'NotReady',
        'record.behind': 'NotReady',
        'replicas.undersized': 'Ready',
        'replicas.ready': 'Ready',
        'delete.*': 'ToBeDeleted',
      },
    },
    Ready: {
      on: {
        'replicas.missing': 'NotReady',
        'replicas.vanished': 'NotReady',
        'replicas.waiting': 'NotReady',
        'record.missing': 'NotReady',
        'record.undecided': 'NotReady',
        'record.behind': 'NotReady',
        'replicas.undersized': { actions: 'growReplicas' },
        'delete.*': 'ToBeDeleted',
      },
    },
    NotReady: {
      on: {
        'record.missing': { actions: 'createRecord' },
        'record.behind': { actions: 'raiseRecord' },
        'replicas.undersized': 'Ready',
        'replicas.ready': 'Ready',
        'delete.*': 'ToBeDeleted',
      },
    },
    ToBeDeleted: {
      on: {
        'delete.requested': { actions: 'closeRecord' },
        'delete.replicas': { actions: 'deleteReplicas' },
        'delete.released': { actions: 'forgetReplicas' },
        'delete.record': { actions: 'deleteRecord' },
        'delete.clean': 'Deleted',
      },
    },
    Deleted: { on: { 'delete.clean': { actions: 'removeObject' } } },
  },
});
