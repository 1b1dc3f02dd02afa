import { expect, test } from 'vitest';
import type { LocalDiskAction, LocalDiskActionSpec } from '../api/local-disk-action.schema.ts';
import { LocalDiskAction as kind } from '../api/local-disk-action.schema.ts';
import type { LocalDisk } from '../api/local-disk.schema.ts';
import { gib } from '../api/units.ts';
import { isRuled, reservedAtBirth } from './disk-reservation.ts';

const action = (rule: LocalDiskActionSpec['rule'], name = 'action'): LocalDiskAction => ({
  metadata: { name },
  spec: { action: 'reserve', rule },
});
const sdb = { path: '/dev/sdb', sizeBytes: gib(10) };

test.each<[string, LocalDiskActionSpec['rule'], boolean]>([
  ['is at a path that matches', { devicePath: '/dev/sd*' }, true],
  ['is at exactly this path', { devicePath: '/dev/sdb' }, true],
  ['is at one of these paths', { devicePath: '/dev/sd[a-c]' }, true],
  ['is at none of these paths', { devicePath: '/dev/sd[c-z]' }, false],
  ['has another kind of path', { devicePath: '/dev/vd?' }, false],
  ['is in a folder below', { devicePath: '/dev*' }, false],
  ['is smaller than the smallest', { minCapacity: gib(11) }, true],
  ['is as large as the smallest', { minCapacity: gib(10) }, false],
  ['is larger than the largest', { maxCapacity: gib(9) }, true],
  ['is as large as the largest', { maxCapacity: gib(10) }, false],
  ['is between both', { minCapacity: gib(1), maxCapacity: gib(20) }, false],
  ['is below the one of both', { minCapacity: gib(11), maxCapacity: gib(20) }, true],
  ['fits by size and not by path', { minCapacity: gib(11), devicePath: '/dev/nvme*' }, false],
  ['fits by path and not by size', { minCapacity: gib(1), devicePath: '/dev/sd*' }, false],
  ['has the size given as none', { minCapacity: 0, devicePath: '/dev/sd*' }, true],
])('a disk that %s', (_what, rule, expected) => {
  expect(isRuled(action(rule), sdb)).toBe(expected);
});

test('a new disk says which action reserved it, and one that no action is about is left as it is', () => {
  const disk: LocalDisk = { metadata: { name: 'd' }, spec: { nodeName: 'node1', devLinks: [] } };
  const actions = [action({ devicePath: '/dev/*' }, 'b'), action({ devicePath: '/dev/sd*' }, 'a')];
  expect(reservedAtBirth(disk, sdb, actions)).toEqual({
    metadata: { name: 'd', annotations: { 'hwameistor.io/reserved-by': 'a' } },
    spec: { ...disk.spec, reserved: true },
  });
  expect(reservedAtBirth(disk, { ...sdb, path: '/run/x' }, actions)).toBe(disk);
});

test.each(['/dev/{a,b}', '/dev/+(a|aa)', '/dev/!(sda)', '/dev/@(a)', '*'.repeat(7)])(
  'a pattern that could keep a node busy is none: %s',
  (devicePath) => {
    expect(kind.spec.safeParse({ action: 'reserve', rule: { devicePath } }).success).toBe(false);
  },
);
