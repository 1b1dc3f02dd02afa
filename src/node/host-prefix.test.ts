import { expect, test } from 'vitest';
import { hostPrefix } from './host-prefix.ts';

test('commands enter the namespaces of the host from a container', async () => {
  const inContainer = async (path: string) => (path === '/proc/self/ns/mnt' ? 'mnt:[2]' : 'mnt:[1]');
  expect(await hostPrefix(inContainer)).toEqual(['nsenter', '-t', '1', '-m', '-u', '-i', '-n', '-p', '--']);
});

test('commands enter nothing where the agent lives in the namespaces of the host', async () => {
  expect(await hostPrefix(async () => 'mnt:[1]')).toEqual([]);
});
