import { expect, test } from 'vitest';
import { differencesOf, versionsOf } from './versions.ts';

const part = (name: string, uid: string, resourceVersion: string) => ({
  kind: 'Part',
  metadata: { name, namespace: 'default', uid, resourceVersion },
});
const box = { ...part('a', '1', '5'), kind: 'Box' };

test('a cache with each object in the version of the server is equal to it', () => {
  const listed = versionsOf([box], [part('a', '2', '6')]);
  expect(differencesOf(versionsOf([part('a', '2', '6')], [box]), listed)).toEqual([]);
});

test('an object that is behind, gone, missing or another of its name is told', () => {
  const listed = versionsOf([box], [part('behind', '2', '7'), part('missing', '3', '8'), part('anew', '5', '10')]);
  const cached = versionsOf([box], [part('behind', '2', '6'), part('gone', '4', '9'), part('anew', '0', '1')]);
  expect(differencesOf(cached, listed)).toEqual([
    'Part default/behind 2 is in the cache at version 6, and 7 on the server',
    'Part default/gone 4 is in the cache, and gone from the server',
    'Part default/anew 0 is in the cache, and gone from the server',
    'Part default/missing 3 is not in the cache',
    'Part default/anew 5 is not in the cache',
  ]);
});
