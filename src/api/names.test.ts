import { test as property } from '@fast-check/vitest';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  dmName,
  dmNameBudget,
  dmNameLimit,
  metadataVolumeName,
  poolNames,
  replicaName,
  volumeLabelKey,
  volumeNameOf,
} from './names.ts';

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

test('the label of a volume ends in its name where that can be one, else in its beginning and a hash', () => {
  const longest = 'a'.repeat(63);
  expect(volumeLabelKey('pvc-be53be2a-40a9-4d5c-ae12-0d1d37a2b1c3')).toBe(
    'volume.hwameistor.io/pvc-be53be2a-40a9-4d5c-ae12-0d1d37a2b1c3',
  );
  expect(volumeLabelKey(longest)).toBe(`volume.hwameistor.io/${longest}`);
  expect(volumeLabelKey(`${longest}a`)).toBe(`volume.hwameistor.io/${'a'.repeat(54)}-ffe054fe`);
});

const volume = fc.oneof(
  fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,90}[a-z0-9])?$/),
  // Much the same as another one, up to where it is cut off.
  fc.nat(1000).map((number) => `${'a.-b'.repeat(16)}${number}`),
  fc.string(),
);

property.prop([volume])('the label of every volume is one that Kubernetes takes', (name) => {
  const [domain, label] = volumeLabelKey(name).split('/');
  expect(domain).toBe('volume.hwameistor.io');
  expect(label).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
});

property.prop([volume, volume])('two volumes never share a label', (one, other) => {
  expect(volumeLabelKey(one) === volumeLabelKey(other)).toBe(one === other);
});

test('a name that CSI asks for is the volume’s own where it can be one, else a hash, the same each time', () => {
  const uid = 'pvc-9e1c0f6e-57b5-4f3a-9d2b-0c7d3f5e8a11';
  expect(volumeNameOf(uid)).toBe(uid);
  const others = ['Sanity-Volume', 'a'.repeat(128), 'snapshot-1', 'pvmove0', 'under_score', ''];
  const names = others.map(volumeNameOf);
  expect(names).toEqual(others.map(volumeNameOf));
  expect(new Set(names).size).toBe(others.length);
  for (const name of names) expect(name).toMatch(/^csi-[0-9a-f]{32}$/);
});
