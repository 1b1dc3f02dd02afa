import { setup } from 'xstate';
import { effect } from './effect.ts';
import { type EventOf, observing } from './event.ts';

export const poolEvents = {
  'pool.unseen': 'LVM could not be asked, so nothing is known of the group',
  'group.gone': 'the volume group is not there, and neither is a disk that it had',
  'group.lost': 'the volume group is not there, all disks that it had are, and volumes of it are wanted',
  'group.unmarked': 'a group that was made by hand under the name of a pool, and that nobody marked',
  'group.untied': 'this cluster marked the group, and no tag says on which node it is',
  'group.ambiguous': 'another group has the same name, so LVM takes no change of either',
  'disk.duplicate': 'two devices carry the label of one disk of the group, so LVM takes no change of it',
  'disk.missing': 'a disk of the group is not there',
  'disk.returned': 'a disk that the group counts as missing is there again',
  'volumes.stale':
    'all disks are there, and the kernel still sends the reads and writes of volumes to one that is dead',
  'disk.grown': 'all is well, and a disk has more room than the group uses',
  'pool.whole': 'all is well',
} as const;

export type PoolEvent = EventOf<
  typeof poolEvents,
  { 'disk.returned': { uuid: string }; 'volumes.stale': { uuids: readonly string[] }; 'disk.grown': { uuid: string } }
>;

const away = { 'pool.unseen': 'Unseen', 'group.gone': 'Missing', 'group.lost': 'Missing' } as const;
const amiss = {
  'group.ambiguous': 'Degraded',
  'disk.duplicate': 'Degraded',
  'disk.missing': 'Degraded',
  'disk.returned': 'Degraded',
  'volumes.stale': 'Degraded',
} as const;
const unmarked = { 'group.unmarked': 'Found', 'group.untied': 'Found' } as const;
const well = { 'disk.grown': 'Healthy', 'pool.whole': 'Healthy' } as const;

/**
 * Lifecycle of one pool of a node, a volume group; the states are `status.pools.*.state` of its LocalStorageNode. No
 * state has an effect that takes a disk away from a group: whoever has one missing waits for it.
 */
export const poolMachine = setup({
  types: observing<PoolEvent>(),
  actions: {
    mark: effect(),
    restoreDisk: effect<{ uuid: string }>(),
    refreshVolumes: effect<{ uuids: readonly string[] }>(),
    growDisk: effect<{ uuid: string }>(),
  },
}).createMachine({
  id: 'Pool',
  initial: 'Found',
  states: {
    Found: {
      on: {
        ...away,
        ...amiss,
        ...well,
        'group.unmarked': { actions: 'mark' },
        'group.untied': { actions: 'mark' },
      },
    },
    Healthy: {
      on: {
        ...away,
        ...amiss,
        ...unmarked,
        'disk.grown': { actions: { type: 'growDisk', params: ({ event }) => ({ uuid: event.uuid }) } },
      },
    },
    Degraded: {
      on: {
        ...away,
        ...unmarked,
        ...well,
        'disk.returned': { actions: { type: 'restoreDisk', params: ({ event }) => ({ uuid: event.uuid }) } },
        'volumes.stale': { actions: { type: 'refreshVolumes', params: ({ event }) => ({ uuids: event.uuids }) } },
      },
    },
    Missing: { on: { ...away, ...amiss, ...unmarked, ...well } },
    Unseen: { on: { ...away, ...amiss, ...unmarked, ...well } },
  },
});
