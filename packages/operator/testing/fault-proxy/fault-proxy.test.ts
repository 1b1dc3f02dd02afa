import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { builtin, kubernetesClient, type KubernetesClientOptions } from '../../src/index.ts';
import { testCertificate } from '../../src/transport/test-certificate.ts';
import { faultProxy, type FaultProxyOptions, type FaultRule } from './index.ts';

const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a', resourceVersion: '5' } };
const bookmark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } };
const { cert } = testCertificate;

/** A server that answers every call with a node and every watch with a bookmark, behind a proxy. */
async function world(rules: readonly FaultRule[] = [], options: Partial<FaultProxyOptions> = {}) {
  const served: string[] = [];
  const watchEnded = vi.fn<() => void>();
  const server = createServer(testCertificate, (request, response) => {
    served.push(`${request.method} ${request.headers.authorization ?? 'nobody'}`);
    response.writeHead(200, { 'content-type': 'application/json' });
    if (request.url?.includes('watch=true')) {
      response.write(`${JSON.stringify(bookmark)}\n`);
      request.once('close', watchEnded);
    } else response.end(JSON.stringify(node));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const target = { server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: cert };
  const proxy = await faultProxy({ target, certificate: testCertificate, seed: 1, ...options });
  proxy.order(rules);
  onTestFinished(() => {
    proxy.close();
    server.closeAllConnections();
    server.close();
  });
  const connect = (clientOptions: KubernetesClientOptions = {}) => {
    const client = kubernetesClient({ server: proxy.server, ca: cert, token: 'me' }, clientOptions);
    onTestFinished(() => client.close());
    return client;
  };
  return { proxy, connect, served, watchEnded };
}

const always = (fault: FaultRule['fault']): FaultRule[] => [{ fault, share: 1 }];

async function startWatch(client: ReturnType<typeof kubernetesClient>) {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const watch = client.watch(builtin.Node, { resourceVersion: '5', signal: stop.signal })[Symbol.asyncIterator]();
  expect(await watch.next()).toEqual({ done: false, value: { type: 'BOOKMARK', resourceVersion: '9' } });
  return { next: () => watch.next(), stop: () => stop.abort() };
}

for (const http2 of [true, false]) {
  const spoken = http2 ? 'HTTP/2' : 'HTTP/1.1';

  test(`without faults calls and watches go through over ${spoken}, and who calls is told`, async () => {
    const { proxy, connect, served } = await world([], { http2 });
    const client = connect();
    await startWatch(client);
    expect(await client.get(builtin.Node, 'a')).toEqual(node);
    expect(await client.create(builtin.Node, node)).toEqual(node);
    expect(served).toEqual(['GET Bearer me', 'GET Bearer me', 'POST Bearer me']);
    expect(proxy.tally()).toMatchObject({ calls: { watch: 1, get: 1, create: 1 }, faults: {} });
  });

  test(`a lost answer over ${spoken} is one to a call that the server did`, async () => {
    const { connect, served } = await world(always({ kind: 'lost answer' }), { http2 });
    await expect(connect().create(builtin.Node, node)).rejects.toMatchObject({ code: 0, reason: 'ServiceUnavailable' });
    expect(served).toEqual(['POST Bearer me']);
  });

  test(`a cut answer over ${spoken} is one to a call that the server did`, async () => {
    const { connect, served } = await world(always({ kind: 'cut answer' }), { http2 });
    await expect(connect().create(builtin.Node, node)).rejects.toMatchObject({ code: 0, reason: 'ServiceUnavailable' });
    expect(served).toEqual(['POST Bearer me']);
  });

  test(`a dropped watch over ${spoken} breaks off after what it told`, async () => {
    const after = { fromMs: 500, toMs: 600 };
    const { connect } = await world([{ fault: { kind: 'drop', after }, share: 1, verbs: ['watch'] }], { http2 });
    const watch = await startWatch(connect());
    await expect(watch.next()).rejects.toMatchObject({ code: 0 });
  });

  test(`a half-open connection over ${spoken} carries nothing more, and nobody is told`, async () => {
    const after = { fromMs: 500, toMs: 600 };
    const rule: FaultRule = { fault: { kind: 'half-open', after }, share: 1, verbs: ['watch'] };
    const { proxy, connect, watchEnded } = await world([rule], { http2 });
    const watch = await startWatch(connect({ silenceMs: 1500, pingMs: 60_000 }));
    await expect(watch.next()).rejects.toMatchObject({ reason: 'Timeout' });
    expect(watchEnded).not.toHaveBeenCalled();
    expect(proxy.tally().faults).toEqual({ 'half-open': 1 });
    expect(await connect().get(builtin.Node, 'a')).toEqual(node);
  });

  test(`while it refuses nothing is reached over ${spoken}, and then all is again`, async () => {
    const { proxy, connect } = await world([], { http2 });
    const client = connect();
    const watch = await startWatch(client);
    proxy.refuse();
    await expect(watch.next()).rejects.toMatchObject({ code: 0 });
    await expect(client.get(builtin.Node, 'a')).rejects.toMatchObject({ code: 0 });
    await proxy.accept();
    expect(await client.get(builtin.Node, 'a')).toEqual(node);
  });

  test(`a watch that its client gives up over ${spoken} ends at the server too`, async () => {
    const { connect, watchEnded } = await world([], { http2 });
    const watch = await startWatch(connect());
    watch.stop();
    await vi.waitFor(() => expect(watchEnded).toHaveBeenCalled());
  });
}

test.each([
  [{ kind: 'conflict' }, { code: 409, reason: 'Conflict' }],
  [
    { kind: 'too many requests', retryAfterSeconds: 60 },
    { code: 429, retryAfterMs: 60_000 },
  ],
  [{ kind: 'internal error' }, { code: 500, reason: 'InternalError' }],
  [{ kind: 'unavailable' }, { code: 503, retryAfterMs: undefined }],
] as const)('%j is answered in place of a server that does not learn of the call', async (fault, refused) => {
  const { connect, served } = await world(always(fault));
  const client = connect();
  await expect(client.update(builtin.Node, node)).rejects.toMatchObject(refused);
  await expect(client.get(builtin.Node, 'a')).rejects.toMatchObject(refused);
  expect(served).toEqual([]);
});

test('of a cut answer the first half comes', async () => {
  const { proxy } = await world(always({ kind: 'cut answer' }));
  const asked = get(`${proxy.server}/api/v1/nodes/a`, { ca: cert });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await expect(once(answer, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
  const whole = JSON.stringify(node);
  expect(text).toBe(whole.slice(0, whole.length / 2));
});

test('latency holds a call up before the server, and one that is given up meanwhile never gets there', async () => {
  const { proxy, connect, served } = await world(always({ kind: 'latency', delay: { fromMs: 60_000, toMs: 60_000 } }));
  await expect(connect({ deadlineMs: 50 }).create(builtin.Node, node)).rejects.toMatchObject({ reason: 'Timeout' });
  expect(served).toEqual([]);
  proxy.order(always({ kind: 'latency', delay: { fromMs: 0, toMs: 1 } }));
  expect(await connect().get(builtin.Node, 'a')).toEqual(node);
});

test('faults are for the verbs and paths that they name, until others are ordered', async () => {
  const { proxy, connect } = await world([
    { fault: { kind: 'internal error' }, share: 1, verbs: ['create'], path: /^\/api\/v1\/nodes/ },
  ]);
  const client = connect();
  await expect(client.create(builtin.Node, node)).rejects.toMatchObject({ code: 500 });
  expect(await client.get(builtin.Node, 'a')).toEqual(node);
  expect(await client.create(builtin.ConfigMap, { metadata: { name: 'a', namespace: 'default' } })).toEqual(node);
  proxy.order([]);
  expect(await client.create(builtin.Node, node)).toEqual(node);
});

test('a server that is not there is to clients a connection that breaks', async () => {
  const target = { server: 'https://127.0.0.1:1', ca: cert };
  const { connect } = await world([], { target });
  await expect(connect().get(builtin.Node, 'a')).rejects.toMatchObject({ code: 0 });
});
