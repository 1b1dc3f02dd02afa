import { expect, test } from 'vitest';
import type { LocalVolumeReplica, LocalVolumeReplicaStatus } from '../../../api/local-volume-replica.schema.ts';
import { mib } from '../../../api/units.ts';
import { whatCopiesSay } from './what-copies-say.ts';

const copy = (
  nodeName: string,
  { volumeId = 'id', ...status }: LocalVolumeReplicaStatus & { volumeId?: string } = {},
): LocalVolumeReplica => ({
  metadata: { name: `vol-${nodeName}` },
  spec: {
    volumeName: 'vol',
    volumeId,
    poolName: 'LocalStorage_PoolHDD',
    nodeName,
    requiredCapacityBytes: mib(4),
    delete: false,
  },
  status: { state: 'Ready', volumeGroupUUID: `group-${nodeName}`, epoch: 1, recorded: {}, ...status },
});
const at = (...nodes: string[]) => ({ recorded: { inSync: nodes.map((node) => ({ node, vgUUID: `group-${node}` })) } });
const reasonOf = (...copies: LocalVolumeReplica[]): string => {
  const said = whatCopiesSay(copies);
  return said.kind === 'undecided' ? said.reason : said.kind;
};

test('the copies of the highest epoch count, and the one that is open is the writer', () => {
  const copies = [
    copy('a'),
    copy('b', { epoch: 3, ...at('b', 'c') }),
    copy('c', { epoch: 3, ...at('b', 'c'), inuse: true }),
  ];
  expect(whatCopiesSay(copies)).toEqual({
    kind: 'known',
    volumeId: 'id',
    epoch: 3,
    good: [copies[1], copies[2]],
    writer: { node: 'c', vgUUID: 'group-c' },
  });
});

test('nothing is decided while it could be otherwise', () => {
  expect(reasonOf(copy('a'), copy('b', { volumeId: 'other' }))).toBe('SeveralVolumes');
  expect(reasonOf(copy('a', { epoch: 0 }))).toBe('NoGoodCopy');
  expect(reasonOf(copy('a', { state: 'Lost' }))).toBe('NoGoodCopy');
  expect(reasonOf(copy('a', at('a', 'b')))).toBe('CopiesUnread');
  expect(reasonOf(copy('a', at('a', 'b')), copy('b', { state: 'Lost' }))).toBe('CopiesUnread');
  expect(reasonOf(copy('a', { inuse: true }), copy('b', { epoch: 2 }))).toBe('SeveralWriters');
  expect(reasonOf(copy('a', { inuse: true }), copy('b', { inuse: true }))).toBe('SeveralWriters');
  expect(reasonOf(copy('a', { pair: { state: 'Synced' } }))).toBe('Moving');
});
