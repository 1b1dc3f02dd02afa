import type { Client, OwnerReference } from '@dot-kube/operator';
import { expect, vi } from 'vitest';
import { deleteAllBoxes } from './api-server.contract.ts';
import { Box, box } from './box.ts';
import { type Suite, vitestSuite } from './suite.ts';

/**
 * What the garbage collector of a cluster does with objects that have owners.
 * @param connect as someone who may do everything, to a cluster that serves {@link Box}
 * @param patienceMs how long the collector may take
 */
export function garbageCollectorContract(
  connect: () => Client,
  patienceMs: number,
  { beforeEach, describe, test }: Suite = vitestSuite,
): void {
  let client: Client;

  const referenceTo = ({ apiVersion = '', kind = '', metadata: { name, uid = '' } }: Box): OwnerReference => ({
    apiVersion,
    kind,
    name,
    uid,
  });
  const make = (name: string, metadata: object = {}) => client.create(Box, box(name, { node: 'n' }, metadata));
  const ownedBy = (...owners: Box[]) => ({ ownerReferences: owners.map(referenceTo) });
  const soon = (look: () => Promise<void>) => vi.waitFor(look, { timeout: patienceMs, interval: 20 });
  const untilGone = (name: string) => soon(async () => expect(await client.get(Box, name)).toBeUndefined());

  describe('the garbage collector', () => {
    beforeEach(async () => {
      client = connect();
      await deleteAllBoxes(client);
    });

    test('takes an object with the last of its owners, not before', async () => {
      const owners = [await make('first'), await make('second')] as const;
      await make('child', ownedBy(...owners));
      await client.delete(Box, 'first');
      await soon(async () =>
        expect((await client.get(Box, 'child'))?.metadata.ownerReferences).toEqual([referenceTo(owners[1])]),
      );
      await client.delete(Box, 'second');
      await untilGone('child');
    });

    test('takes what belongs to what it took', async () => {
      const owner = await make('owner');
      const child = await make('child', ownedBy(owner));
      await make('grandchild', ownedBy(child));
      await client.delete(Box, 'owner');
      await untilGone('grandchild');
    });

    test('waits for finalizers', async () => {
      const owner = await make('owner');
      await make('child', { ...ownedBy(owner), finalizers: ['example.io/x'] });
      await client.delete(Box, 'owner');
      await soon(async () => expect((await client.get(Box, 'child'))?.metadata.deletionTimestamp).toBeDefined());
      await client.patch(Box, 'child', { metadata: { finalizers: null } });
      await untilGone('child');
    });

    test('takes what belongs to an earlier object of the same name', async () => {
      const earlier = await make('owner');
      await client.delete(Box, 'owner');
      await make('owner');
      await make('child', ownedBy(earlier));
      await untilGone('child');
      expect(await client.get(Box, 'owner')).toBeDefined();
    });
  });
}
