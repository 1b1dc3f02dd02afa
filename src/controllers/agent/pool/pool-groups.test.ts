import { describe, expect, test } from 'vitest';
import type { VolumeGroup } from '../../../api/observed/index.ts';
import { groupsOfName, whose } from './pool-groups.ts';

const name = 'LocalStorage_PoolHDD';
const owner = { node: 'node1', cluster: { clusterId: 'c1', drbdKey: 'key' } };
const group = (uuid: string, ...tags: string[]): VolumeGroup => ({
  name,
  uuid,
  sizeBytes: 0,
  freeBytes: 0,
  extentSizeBytes: 4_194_304,
  physicalVolumeCount: 1,
  logicalVolumeCount: 0,
  missingPhysicalVolumeCount: 0,
  tags: tags.map((tag) => `hwameistor.io/${tag}`),
  metadataSizeBytes: 1_044_480,
  metadataFreeBytes: 518_144,
});

describe('whose a group is', () => {
  test.each([
    [['cluster=c1', 'node=node1'], 'ours'],
    [['cluster=c1'], 'untied'],
    [[], 'unmarked'],
    [['cluster=c1', 'node=node2'], 'moved'],
    [['cluster=c1', 'node=node1', 'node=node2'], 'moved'],
    [['cluster=c2', 'node=node1'], 'foreign'],
    [['cluster=c1', 'cluster=c2'], 'foreign'],
    [['node=node1'], 'foreign'],
    [['future=1'], 'foreign'],
  ])('%j is %s', (tags, expected) => {
    expect(whose(group('u', ...tags), owner)).toBe(expected);
  });
});

describe('of groups of one name', () => {
  const ours = group('ours', 'cluster=c1', 'node=node1');
  const untied = group('untied', 'cluster=c1');
  const moved = group('moved', 'cluster=c1', 'node=node2');
  const unmarked = group('unmarked');
  const known = (vgUUID: string, isAway = false) => ({ vgUUID, isAway });

  test.each([
    ['a lone unmarked one becomes the pool', [unmarked], undefined, 'unmarked'],
    ['a lone one that came from another node does not', [moved], undefined, undefined],
    ['the one of this node is the pool, whoever else is there', [moved, ours, unmarked], undefined, 'ours'],
    ['the known one stays the pool beside another of this node', [ours, untied], known('untied'), 'untied'],
    ['neither of two unmarked ones is the pool', [unmarked, group('other')], undefined, undefined],
    [
      'neither of two of this node is, where none is known',
      [ours, group('o', 'cluster=c1', 'node=node1')],
      undefined,
      undefined,
    ],
    ['a new one takes the place of one that was removed', [unmarked], known('gone'), 'unmarked'],
    ['nothing takes the place of one that is away', [unmarked], known('gone', true), undefined],
    ['a known one that another node marked since is no pool', [moved], known('moved'), undefined],
  ])('%s', (_rule, groups, before, expected) => {
    const { pool, strangers } = groupsOfName(name, groups, owner, before);
    expect(pool?.uuid).toBe(expected);
    expect(strangers).toEqual(groups.filter(({ uuid }) => uuid !== expected));
  });
});
