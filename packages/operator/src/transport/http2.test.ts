import { once } from 'node:events';
import { constants, createSecureServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { createServer as createHttp1Server } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { tcpRelay } from '../../testing/tcp-relay.ts';
import { builtin, type Node } from '../builtin.ts';
import type { WatchEvent } from '../client.ts';
import { kubernetesClient, type KubernetesClient, type KubernetesClientOptions } from './kubernetes-client.ts';
import { testCertificate } from './test-certificate.ts';

type Answer = (stream: ServerHttp2Stream) => unknown;

const node = { metadata: { name: 'node1', resourceVersion: '5' } };
const bookmark = `${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } })}\n`;

const answerNode: Answer = (stream) => stream.respond({ ':status': 200 }) ?? stream.end(JSON.stringify(node));

/** A server that answers one call after the other, as told, and the rest with a node; watches get a bookmark and wait. */
async function serverOf({ maxStreams = 100, answers = [] }: { maxStreams?: number; answers?: Answer[] } = {}) {
  const server = createSecureServer({ ...testCertificate, settings: { maxConcurrentStreams: maxStreams } });
  const sessions: ServerHttp2Session[] = [];
  const calls: string[] = [];
  server.on('session', (session) => sessions.push(session.on('error', () => {})));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    if (headers[':path']!.includes('watch=true')) {
      stream.respond({ ':status': 200 });
      stream.write(bookmark);
      return;
    }
    calls.push(headers[':method']!);
    (answers.shift() ?? answerNode)(stream);
  });
  onTestFinished(() => sessions.forEach((session) => session.destroy()));
  return { ...(await behindRelay(server)), sessions, calls };
}

async function behindRelay(server: Server) {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const relay = await tcpRelay((server.address() as AddressInfo).port);
  const connect = (options: KubernetesClientOptions = {}) => {
    const address = `https://127.0.0.1:${relay.port}`;
    const client = kubernetesClient({ server: address, ca: testCertificate.cert }, options);
    onTestFinished(() => client.close());
    return client;
  };
  onTestFinished(() => {
    relay.close();
    server.close();
  });
  return { relay, connect };
}

/** Watches from before the bookmark to after it. */
async function startWatch(client: KubernetesClient): Promise<AsyncIterator<WatchEvent<Node>>> {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const watch = client.watch(builtin.Node, { resourceVersion: '5', signal: stop.signal })[Symbol.asyncIterator]();
  expect(await watch.next()).toEqual({ done: false, value: { type: 'BOOKMARK', resourceVersion: '9' } });
  return watch;
}

test('calls and watches share one connection', async () => {
  const { connect, relay } = await serverOf();
  const client = connect();
  const watches = await Promise.all(Array.from({ length: 20 }, () => startWatch(client)));
  const nodes = await Promise.all(Array.from({ length: 50 }, () => client.get(builtin.Node, 'node1')));
  expect(watches).toHaveLength(20);
  expect(nodes).toEqual(Array.from({ length: 50 }, () => node));
  expect(relay.made()).toBe(1);
});

test('where the server lets no further streams a second connection carries them, for as long as it is needed', async () => {
  const { connect, relay } = await serverOf({ maxStreams: 3 });
  const client = connect({ pingMs: 20 });
  await Promise.all(Array.from({ length: 3 }, () => startWatch(client)));
  expect(relay.made()).toBe(1);
  expect(await client.get(builtin.Node, 'node1')).toEqual(node);
  expect(relay.made()).toBe(2);
  await vi.waitFor(() => expect(relay.open()).toBe(1));
  expect(await client.get(builtin.Node, 'node1')).toEqual(node);
  expect(relay.made()).toBe(3);
});

test.each(['silence', 'cut'] as const)(
  'a connection that meets %s fails its watches and writes, and its reads are repeated on a new one',
  async (end) => {
    const { connect, relay, calls } = await serverOf({ answers: [() => {}, () => {}] });
    const client = connect({ pingMs: 20, pingDeadlineMs: 50 });
    const watch = await startWatch(client);
    const read = client.get(builtin.Node, 'node1');
    const write = client.create(builtin.Node, node);
    await vi.waitFor(() => expect(calls).toEqual(['GET', 'POST']));

    relay[end]();
    await expect(watch.next()).rejects.toMatchObject({ code: 0, reason: 'ServiceUnavailable' });
    await expect(write).rejects.toThrow(/^create Node node1 failed \(ServiceUnavailable\): /);
    expect(await read).toEqual(node);
    expect(calls).toEqual(['GET', 'POST', 'GET']);
    expect(relay.made()).toBe(2);
  },
);

test('a connection that answers pings stays, however long nothing else comes', async () => {
  const { connect, relay, sessions } = await serverOf();
  const client = connect({ pingMs: 10, pingDeadlineMs: 1000 });
  await startWatch(client);
  let pings = 0;
  sessions[0]!.on('ping', () => (pings += 1));
  await vi.waitFor(() => expect(pings).toBeGreaterThan(5));
  expect(relay).toSatisfy(() => relay.made() === 1 && relay.open() === 1);
});

test('an answer that is cut off is no answer, though all that came of it reads well', async () => {
  const cutOff: Answer = (stream) => {
    stream.respond({ ':status': 200 });
    stream.write(JSON.stringify(node), () => stream.session!.destroy());
  };
  const { connect, calls } = await serverOf({ answers: [cutOff, answerNode, cutOff] });
  const client = connect();
  expect(await client.get(builtin.Node, 'node1')).toEqual(node);
  expect(calls).toEqual(['GET', 'GET']);
  await expect(client.patch(builtin.Node, 'node1', {})).rejects.toMatchObject({ code: 0 });
});

test('a write that the server says it has not begun is repeated', async () => {
  const refuse: Answer = (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM);
  const { connect, calls } = await serverOf({ answers: [refuse] });
  expect(await connect().create(builtin.Node, node)).toEqual(node);
  expect(calls).toEqual(['POST', 'POST']);
});

test('after a goodbye of the server new calls go to a new connection, and watches are told to their end', async () => {
  const { connect, relay, sessions } = await serverOf();
  const client = connect();
  const watch = await startWatch(client);
  sessions[0]!.goaway();
  const next = watch.next();
  await vi.waitFor(async () => {
    await client.get(builtin.Node, 'node1');
    expect(relay.made()).toBe(2);
  });
  expect(relay.open()).toBe(2);
  sessions[0]!.destroy();
  await expect(next).rejects.toMatchObject({ code: 0 });
});

test('one call that is given up leaves the others alone', async () => {
  const { connect, relay, calls } = await serverOf({ answers: [() => {}] });
  const client = connect();
  const watch = await startWatch(client);
  const stop = new AbortController();
  const call = client.get(builtin.Node, 'node1', { signal: stop.signal });
  await vi.waitFor(() => expect(calls).toEqual(['GET']));
  stop.abort(new Error('stopped'));
  await expect(call).rejects.toThrow('stopped');
  expect(await client.get(builtin.Node, 'node1')).toEqual(node);
  expect(relay.made()).toBe(1);
  await watch.return!();
});

test('a server that is away is tried anew with each call', async () => {
  const { connect, relay } = await serverOf();
  const { port } = relay;
  const away = kubernetesClient({ server: `https://127.0.0.1:${port}`, ca: 'not what signed it' });
  onTestFinished(() => away.close());
  await expect(away.get(builtin.Node, 'node1')).rejects.toMatchObject({ code: 0 });
  expect(await connect().get(builtin.Node, 'node1')).toEqual(node);
  relay.close();
  await expect(connect().get(builtin.Node, 'node1')).rejects.toThrow('ECONNREFUSED');
});

test('a server without HTTP/2 is spoken to in HTTP/1.1, over one connection that is kept', async () => {
  const http1 = createHttp1Server(testCertificate, (_, response) => response.end(JSON.stringify(node)));
  const { connect, relay } = await behindRelay(http1);
  const client = connect();
  for (let n = 0; n < 5; n += 1) expect(await client.get(builtin.Node, 'node1')).toEqual(node);
  // The first found out what the server speaks.
  expect(relay.made()).toBe(2);
});
