import { expect, test } from 'vitest';
import { builtin, type Client } from '../src/index.ts';
import { inMemoryApiServer, virtualClock, type Admission } from './index.ts';

// What it shares with a real API server, the contract suite holds both to.

function cluster(admission?: Admission) {
  const clock = virtualClock();
  const server = inMemoryApiServer({ clock, resources: [], ...(admission && { admission }) });
  return { server, clock, client: server.client() };
}

const nodes = async (client: Client, ...names: string[]) => {
  for (const name of names) await client.create(builtin.Node, { metadata: { name } });
};

test('writes pass admission, which sees who asks and what was there; refused, all stays as it was', async () => {
  const { client, server } = cluster(({ operation, user, object, oldObject }) =>
    operation === 'UPDATE' && user.username !== 'system:admin' && object?.metadata.uid === oldObject?.metadata.uid
      ? `${user.username} may not touch this`
      : undefined,
  );
  await nodes(client, 'a');
  const stranger = server.client({ user: { username: 'stranger' } });
  const cordon = { spec: { unschedulable: true } };
  await expect(stranger.patch(builtin.Node, 'a', cordon)).rejects.toThrow('stranger may not touch this');
  expect((await client.get(builtin.Node, 'a'))?.spec).toBeUndefined();
});

test('a watch from a forgotten version is refused as expired', async () => {
  const { client, server } = cluster();
  await nodes(client, 'a', 'b');
  server.compact();
  const watch = client.watch(builtin.Node, { resourceVersion: '1' })[Symbol.asyncIterator]();
  await expect(watch.next()).rejects.toMatchObject({ code: 410, reason: 'Expired' });
});

test('a watch ends when the server drops its connections', async () => {
  const { client, server } = cluster();
  const watch = client.watch(builtin.Node, { resourceVersion: '0' })[Symbol.asyncIterator]();
  const next = watch.next();
  server.disconnect();
  expect(await next).toEqual({ done: true, value: undefined });
});

test('a kind that it was not given is told apart from an object that is not there', async () => {
  const { client } = cluster();
  const Box = { group: 'example.io', version: 'v1', kind: 'Box', plural: 'boxes', scope: 'Cluster' } as const;
  expect(await client.get(builtin.Node, 'a')).toBeUndefined();
  await expect(client.get(Box, 'a')).rejects.toMatchObject({ code: 404 });
});

test('what a caller changes in an answer changes nothing in the server', async () => {
  const { client } = cluster();
  await nodes(client, 'a');
  const mine = (await client.get(builtin.Node, 'a'))!;
  mine.metadata.labels = { a: 'b' };
  expect((await client.get(builtin.Node, 'a'))?.metadata.labels).toBeUndefined();
});

test('two worlds that came about at different times dump alike', async () => {
  const [early, late] = [cluster(), cluster()];
  late.clock.advance(60_000);
  await nodes(late.client, 'passing');
  await late.client.delete(builtin.Node, 'passing');
  for (const { client } of [early, late]) await nodes(client, 'a');
  expect(late.server.dump()).toEqual(early.server.dump());
  expect(early.server.dump()).toEqual({ nodes: { a: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } } } });
});

test('a watch learns of what happened elsewhere within a minute, and of nothing while nothing happens', async () => {
  const { client, clock } = cluster();
  const watch = client.watch(builtin.ConfigMap, { resourceVersion: '0' })[Symbol.asyncIterator]();
  const next = watch.next();
  clock.advance(600_000);
  await nodes(client, 'a', 'b');
  clock.advance(60_000);
  expect(await next).toEqual({ done: false, value: { type: 'BOOKMARK', resourceVersion: '2' } });
});

test('an object whose owner is of a kind that nobody serves stays: it cannot be told whether the owner is there', async () => {
  const { client } = cluster();
  const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'a', uid: 'some' };
  await client.create(builtin.Node, { metadata: { name: 'a', ownerReferences: [owner] } });
  await nodes(client, 'passing');
  await client.delete(builtin.Node, 'passing');
  expect(await client.get(builtin.Node, 'a')).toBeDefined();
});
