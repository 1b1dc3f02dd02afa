import { test } from '@fast-check/vitest';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import {
  logicalVolumeRoles,
  type LogicalVolumeTags,
  logicalVolumeTagChanges,
  logicalVolumeTags,
  parseLogicalVolumeTags,
  parseVolumeGroupTags,
  unwipedTag,
  volumeGroupTags,
} from './tags.ts';

const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,30}$/);
const tags: fc.Arbitrary<LogicalVolumeTags> = fc.record(
  {
    cluster: name,
    volume: name,
    role: fc.constantFrom(...logicalVolumeRoles),
    epoch: fc.nat(),
    inSync: fc
      .uniqueArray(fc.record({ node: name, vgUUID: name }), {
        selector: ({ node }) => node,
        minLength: 1,
        maxLength: 3,
      })
      .map((members) => members.sort((a, b) => (a.node < b.node ? -1 : 1))),
    formatted: name,
    seeded: name,
    metadataMade: name,
    deleting: fc.constant(true),
    unwiped: fc.constant(true),
    claim: fc.tuple(name, name).map((parts) => parts.join('/')),
    replicas: fc.nat(4),
  },
  { requiredKeys: ['cluster', 'volume', 'role'], noNullPrototype: true },
);

test.prop([tags])('what was written is read back, whatever it was', (facts) => {
  expect(parseLogicalVolumeTags(logicalVolumeTags(facts))).toEqual({ tags: facts, problems: [] });
});

test.prop([tags, tags])('after a change the tags say the new facts and keep what was not named', (before, after) => {
  const found = [...logicalVolumeTags(before), 'someone-else'];
  const { add, remove } = logicalVolumeTagChanges(found, after);
  const left = [...found.filter((tag) => !remove.includes(tag)), ...add];
  expect(parseLogicalVolumeTags(left).tags).toEqual({ ...before, ...after });
  expect(left).toContain('someone-else');
});

test('a fact is taken away by naming it as undefined', () => {
  const found = logicalVolumeTags({ cluster: 'c', seeded: 'm' });
  expect(logicalVolumeTagChanges(found, { seeded: undefined })).toEqual({
    add: [],
    remove: ['hwameistor.io/seeded=m'],
  });
});

test('two volumes on one logical volume are believed neither, of two epochs the higher counts', () => {
  const found = ['hwameistor.io/volume=a', 'hwameistor.io/volume=b', 'hwameistor.io/epoch=3', 'hwameistor.io/epoch=12'];
  expect(parseLogicalVolumeTags(found)).toEqual({
    tags: { epoch: 12 },
    problems: ['hwameistor.io/volume=a', 'hwameistor.io/volume=b'],
  });
});

test('tags of ours that are not understood are told, those of others are nobody’s business', () => {
  expect(parseVolumeGroupTags([...volumeGroupTags({ cluster: 'c' }), 'hwameistor.io/future=1', 'backup'])).toEqual({
    tags: { cluster: 'c' },
    problems: ['hwameistor.io/future=1'],
  });
});

test('the mark of a volume that is still to be wiped is a fact like any other', () => {
  expect(logicalVolumeTags({ unwiped: true })).toEqual([unwipedTag]);
});

test('a value that LVM refuses in a tag is an error before LVM sees it', () => {
  expect(() => logicalVolumeTags({ cluster: 'with space' })).toThrow('with space');
});
