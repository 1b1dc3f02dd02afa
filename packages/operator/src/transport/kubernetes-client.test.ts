import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isDisruptionBudget } from '../api-error.ts';
import { builtin } from '../builtin.ts';
import { inCluster, type Connection } from './connection.ts';
import { kubernetesClient, type KubernetesClientOptions } from './kubernetes-client.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A server that answers one request after the other, as told; sockets and requests are counted. */
async function serverOf(...answers: Answer[]) {
  const requests: { line: string; type: string | undefined; authorization: string | undefined; body: unknown }[] = [];
  const sockets = new Set();
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { method, url, headers, socket } = request;
    sockets.add(socket);
    requests.push({
      line: `${method} ${url}`,
      type: headers['content-type'],
      authorization: headers.authorization,
      body: text === '' ? undefined : JSON.parse(text),
    });
    const answer = answers[Math.min(requests.length, answers.length) - 1]!;
    await answer(request, response);
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const connect = (options: KubernetesClientOptions = {}, connection: Partial<Connection> = {}) => {
    const client = kubernetesClient({ server: `http://127.0.0.1:${port}`, ...connection }, options);
    onTestFinished(() => client.close());
    return client;
  };
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { connect, requests, sockets };
}

const json =
  (body: unknown, code = 200, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

const refusal = (code: number, reason: string, headers?: Record<string, string>) =>
  json({ kind: 'Status', reason, message: `${reason}!` }, code, headers);

const node = { metadata: { name: 'node1', resourceVersion: '5' } };

test('all calls share one connection', async () => {
  const { connect, sockets, requests } = await serverOf(json(node));
  const client = connect();
  for (let n = 0; n < 5; n += 1) await client.get(builtin.Node, 'node1');
  expect(requests).toHaveLength(5);
  expect(sockets.size).toBe(1);
});

test('an object that is not there is undefined, a kind that is not there is an error', async () => {
  const { connect } = await serverOf(refusal(404, 'NotFound'), (_, response) =>
    response.writeHead(404).end('404 page not found'),
  );
  const client = connect();
  expect(await client.get(builtin.Node, 'node1')).toBeUndefined();
  await expect(client.get(builtin.Node, 'node1')).rejects.toMatchObject({ code: 404 });
});

test('lists are read page by page, and their items are given their type', async () => {
  const { connect, requests } = await serverOf(
    json({ items: [node], metadata: { resourceVersion: '7', continue: 'more' } }),
    json({ items: [{ metadata: { name: 'node2' } }], metadata: { resourceVersion: '7' } }),
  );
  const { items, resourceVersion } = await connect().list(builtin.Node, { labelSelector: 'a=b' });
  expect(items).toEqual([
    { apiVersion: 'v1', kind: 'Node', ...node },
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node2' } },
  ]);
  expect(resourceVersion).toBe('7');
  expect(requests.map(({ line }) => line)).toEqual([
    'GET /api/v1/nodes?labelSelector=a%3Db&limit=500',
    'GET /api/v1/nodes?labelSelector=a%3Db&limit=500&continue=more',
  ]);
});

test('a server that is too busy is asked again after the time it names', async () => {
  const { connect, requests } = await serverOf(
    refusal(429, 'TooManyRequests', { 'retry-after': '0' }),
    json(node, 201),
  );
  await connect().create(builtin.Node, { metadata: { name: 'node1' } });
  expect(requests.map(({ line }) => line)).toEqual(['POST /api/v1/nodes', 'POST /api/v1/nodes']);
});

test('a server that stays too busy is given up, with the time it names', async () => {
  const { connect, requests } = await serverOf(refusal(429, 'TooManyRequests', { 'retry-after': '0' }));
  await expect(connect().get(builtin.Node, 'node1')).rejects.toMatchObject({
    reason: 'TooManyRequests',
    retryAfterMs: 0,
  });
  expect(requests).toHaveLength(5);
});

test.each([
  ['a read that failed in the server', 500, 'GET', 2],
  ['a read of a server that starts', 503, 'GET', 2],
  ['a write that failed in the server, which may have been done', 503, 'POST', 1],
  ['a write that the server was too busy to begin', 429, 'POST', 2],
])('%s is asked again if that is safe', async (_, code, method, calls) => {
  const { connect, requests } = await serverOf(refusal(code, 'Reason', { 'retry-after': '0' }), json(node));
  const client = connect();
  const call = method === 'GET' ? client.get(builtin.Node, 'node1') : client.create(builtin.Node, node);
  expect(await call.catch((error: unknown) => error)).toMatchObject(calls === 1 ? { code, reason: 'Reason' } : node);
  expect(requests).toHaveLength(calls);
});

test('a server that names a time beyond the deadline is not waited for', async () => {
  const { connect, requests } = await serverOf(refusal(429, 'TooManyRequests', { 'retry-after': '60' }));
  await expect(connect().get(builtin.Node, 'node1')).rejects.toMatchObject({ code: 429, retryAfterMs: 60_000 });
  expect(requests).toHaveLength(1);
});

test('an eviction that a budget forbids is told at once: how long to wait is for the caller to say', async () => {
  const causes = [{ reason: 'DisruptionBudget', message: 'The disruption budget b needs 1 healthy pods' }];
  const refused = { kind: 'Status', reason: 'TooManyRequests', message: 'No.', details: { causes } };
  const { connect, requests } = await serverOf(json(refused, 429, { 'retry-after': '0' }));
  const error = await connect()
    .evict('pod', { namespace: 'default', uid: 'u' })
    .catch((error: unknown) => error);
  expect(error).toSatisfy(isDisruptionBudget);
  expect(requests).toMatchObject([
    {
      line: 'POST /api/v1/namespaces/default/pods/pod/eviction',
      body: { kind: 'Eviction', metadata: { name: 'pod' }, deleteOptions: { preconditions: { uid: 'u' } } },
    },
  ]);
});

test('a call that gets no answer says which, and why', async () => {
  const { connect } = await serverOf((request) => request.socket.destroy());
  const lease = { metadata: { name: 'a', namespace: 'b' } };
  await expect(connect().update(builtin.Lease, lease)).rejects.toThrow(
    'update Lease b/a failed (ServiceUnavailable): socket hang up',
  );
});

test('a write whose connection breaks is not repeated', async () => {
  const { connect, requests } = await serverOf(json(node), (request) => request.socket.destroy());
  const client = connect();
  await client.get(builtin.Node, 'node1');
  await expect(client.create(builtin.Node, node)).rejects.toMatchObject({ code: 0, reason: 'ServiceUnavailable' });
  expect(requests).toHaveLength(2);
});

test('a read whose kept connection breaks is repeated on a new one', async () => {
  const { connect } = await serverOf(json(node), (request) => request.socket.destroy(), json(node));
  const client = connect();
  await client.get(builtin.Node, 'node1');
  expect(await client.get(builtin.Node, 'node1')).toEqual(node);
});

test('a call without an answer ends at its deadline', async () => {
  const { connect } = await serverOf(() => {});
  await expect(connect({ deadlineMs: 30 }).get(builtin.Node, 'node1')).rejects.toMatchObject({ reason: 'Timeout' });
});

test('an aborted call ends with the reason of its signal', async () => {
  const stop = new AbortController();
  const { connect } = await serverOf(() => stop.abort(new Error('stopped')));
  await expect(connect().get(builtin.Node, 'node1', { signal: stop.signal })).rejects.toThrow('stopped');
});

test('apply says who speaks; a delete says which object is meant', async () => {
  const { connect, requests } = await serverOf(json(node));
  const client = connect({ fieldManager: 'me' });
  await client.applyStatus(builtin.Node, { metadata: { name: 'node1' } }, { fieldManager: 'agent', force: true });
  await client.patch(builtin.Node, 'node1', { metadata: { labels: { a: null } } });
  await client.delete(builtin.Lease, 'x', { namespace: 'kube-node-lease', uid: 'u' });
  expect(requests).toMatchObject([
    {
      line: 'PATCH /api/v1/nodes/node1/status?fieldManager=agent&force=true',
      type: 'application/apply-patch+yaml',
      body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node1' } },
    },
    { line: 'PATCH /api/v1/nodes/node1?fieldManager=me', type: 'application/merge-patch+json' },
    {
      line: 'DELETE /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/x',
      body: { preconditions: { uid: 'u' } },
    },
  ]);
});

test('a watch tells events and bookmarks, however the network cuts its lines', async () => {
  const events = [
    { type: 'ADDED', object: { ...node, metadata: { name: 'nöde' } } },
    { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } },
  ];
  const bytes = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const { connect, requests } = await serverOf(async (_, response) => {
    for (const byte of bytes) {
      response.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
  const told = [];
  for await (const event of connect().watch(builtin.Node, { resourceVersion: '5' })) told.push(event);
  expect(told).toEqual([events[0], { type: 'BOOKMARK', resourceVersion: '9' }]);
  expect(requests[0]?.line).toMatch(
    /^GET \/api\/v1\/nodes\?watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=\d+$/,
  );
});

test.each([
  ['in its answer', refusal(410, 'Expired')],
  [
    'in the stream',
    json({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } }),
  ],
])('a watch from too old a version is refused, told %s', async (_, answer) => {
  const { connect } = await serverOf(answer);
  const watch = connect().watch(builtin.Node, { resourceVersion: '5' });
  await expect(watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 410, reason: 'Expired' });
});

test('a silent watch is taken for dead', async () => {
  const { connect } = await serverOf((_, response) => response.writeHead(200).flushHeaders());
  const watch = connect({ silenceMs: 30 }).watch(builtin.Node, { resourceVersion: '5' });
  await expect(watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ reason: 'Timeout' });
});

test('an aborted watch ends', async () => {
  const stop = new AbortController();
  const { connect } = await serverOf((_, response) => {
    response.writeHead(200).flushHeaders();
    stop.abort();
  });
  const watch = connect().watch(builtin.Node, { resourceVersion: '5', signal: stop.signal });
  expect(await watch[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
});

test('in a cluster the token is read from its file, and again when the server refuses it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'service-account-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'ca.crt'), 'PEM');
  await writeFile(join(folder, 'token'), 'old\n');
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
  const connection = await inCluster(env, folder);
  expect(connection).toEqual({ server: 'https://[fd00::1]:6443', ca: 'PEM', tokenFile: join(folder, 'token') });

  const { connect, requests } = await serverOf(json(node), refusal(401, 'Unauthorized'), json(node));
  const client = connect({}, { tokenFile: connection.tokenFile! });
  await client.get(builtin.Node, 'node1');
  await writeFile(join(folder, 'token'), 'new\n');
  await client.get(builtin.Node, 'node1');
  expect(requests.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer old', 'Bearer new']);
});
