import { expect, test } from 'vitest';
import { dmName, dmNameBudget, dmNameLimit, metadataVolumeName, poolNames, replicaName } from './names.ts';

test('a replica is named after its volume and six digits of its node, the same every time', () => {
  expect([replicaName('pvc-1', 'node1'), replicaName('pvc-1', 'node1'), replicaName('pvc-1', 'node2')]).toEqual([
    'pvc-1-ca12f3',
    'pvc-1-ca12f3',
    'pvc-1-15b18a',
  ]);
});

test('device-mapper doubles every hyphen of both names', () => {
  expect(dmName('a-b', 'pvc-1')).toBe('a--b-pvc--1');
});

test('the longest name that is let through fits device-mapper in every pool, its metadata volume too', () => {
  for (const longest of ['a'.repeat(dmNameBudget), '-'.repeat(dmNameBudget / 2)])
    for (const pool of poolNames)
      expect(dmName(pool, metadataVolumeName(longest)).length).toBeLessThanOrEqual(dmNameLimit);
});
