import { expect, test } from 'vitest';
import type { LogicalVolume } from '../../../api/observed/index.ts';
import { mib } from '../../../api/units.ts';
import { legEvent } from './leg-event.ts';
import { replicaEvent } from './replica-event.ts';
import type { Marks, ReplicaFacts, ReplicaWish } from './replica-facts.ts';

const group = { name: 'pool', uuid: 'vg' };
const sizes = {
  sizeBytes: mib(1000),
  freeBytes: 0,
  extentSizeBytes: mib(4),
  metadataFreeBytes: 0,
  metadataSizeBytes: 0,
};
const counts = { physicalVolumeCount: 1, logicalVolumeCount: 1, missingPhysicalVolumeCount: 0 };
const volume: LogicalVolume = {
  name: 'vol',
  uuid: 'lv',
  volumeGroup: group,
  sizeBytes: mib(100),
  path: '/dev/pool/vol',
  deviceMapperPath: '/dev/mapper/pool-vol',
  active: true,
  open: false,
  suspended: false,
  health: '',
  tags: [],
  layout: 'linear',
};
const target: ReplicaWish = {
  node: 'b',
  sizeBytes: mib(100),
  deleted: false,
  begun: true,
  found: false,
  pair: { moveId: 'move', role: 'target', phase: 'Pair', peer: 'a' },
};

const facing = (marks: Partial<Marks>): ReplicaFacts => ({
  record: undefined,
  volumeIsWanted: false,
  isHurt: false,
  group: { ...group, ...sizes, ...counts, tags: [] },
  data: {
    volume,
    marks: {
      ours: false,
      unmarked: false,
      epoch: undefined,
      seeded: undefined,
      metadataMade: undefined,
      content: 'unknown',
      deleting: false,
      recorded: {},
      ...marks,
    },
  },
  metadata: undefined,
  metadataState: undefined,
  resource: undefined,
  file: undefined,
});

test('a move adopts no logical volume that nobody marked: it would overwrite it', () => {
  expect(replicaEvent(target, facing({ unmarked: true })).type).toBe('lv.foreign');
  expect(replicaEvent({ ...target, pair: undefined }, facing({ unmarked: true })).type).toBe('lv.untagged');
});

test('a move overwrites no copy of the volume that was good before it', () => {
  const older = facing({ ours: true, epoch: 3 });
  expect(replicaEvent(target, older).type).toBe('lv.foreign');
  expect(legEvent(target, older)).toBeUndefined();
});

test('a move overwrites no copy that an earlier move of the same volume made good', () => {
  expect(replicaEvent(target, facing({ ours: true, epoch: 3, metadataMade: 'earlier' })).type).toBe('lv.foreign');
});

test('a copy that this move made good stays its target', () => {
  const joined = facing({ ours: true, epoch: 1, metadataMade: 'move' });
  expect(replicaEvent(target, joined).type).toBe('lv.unsynced');
});
