import { Agent } from 'node:https';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { virtualClock } from '../../testing/index.ts';
import { silentLog } from '../log.ts';
import { Box, box, reviewOf } from './box.builder.ts';
import { issue, type Issued } from './certificates/issue.ts';
import { call, serviceName, shownBy, type Call } from './client.builder.ts';
import { validating, type Handler } from './review/handler.ts';
import { allow, deny } from './review/verdict.ts';
import { webhookServer } from './server.ts';

let first: Issued;
let second: Issued;
beforeAll(async () => {
  const make = () => issue({ names: [serviceName], now: Date.now(), lifetimeMs: 3_600_000 });
  [first, second] = [await make(), await make()];
});

const judge = validating({
  path: '/box',
  resource: Box,
  review: ({ object }) => (object?.spec.size === 1 ? allow() : deny('Too large.')),
});
const review = JSON.stringify(reviewOf(box(1)));

async function serving(handlers: readonly Handler[] = [judge]) {
  const clock = virtualClock();
  const options = { port: 0, host: '127.0.0.1', maxBodyBytes: 2000, graceMs: 5000 };
  const server = webhookServer({ ...options, handlers, clock, log: silentLog });
  server.use(first);
  const stop = new AbortController();
  const run = server.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    clock.advance(5000);
    await run;
  });
  const port = await server.listening;
  const post = (more: Partial<Call> = {}) => call({ port, ca: first.authority, body: review, ...more });
  return { server, clock, port, post, run, stop: () => stop.abort() };
}

const responseIn = ({ body }: { body: string }) => (JSON.parse(body) as { response: object }).response;

test('a review makes its round by the name of the service, its answer as the API server reads it', async () => {
  const { post } = await serving();
  const { status, body } = await post();
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: '705ab4f5-6393-11e8-b7cc-42010a800002', allowed: true },
  });
  expect(responseIn(await post({ body: JSON.stringify(reviewOf(box(2))) }))).toMatchObject({
    allowed: false,
    status: { message: 'Too large.' },
  });
});

test('a review ends before the API server loses patience', async () => {
  const { post, clock } = await serving([validating({ ...judge, review: () => new Promise(() => {}) })]);
  const answer = post({ path: '/box?timeout=2s' });
  await vi.waitFor(() => expect(clock.next()).toBe(clock.now() + 1800));
  clock.advance(1800);
  expect(responseIn(await answer)).toMatchObject({ status: { message: expect.stringContaining('within 1800 ms') } });
});

test('a review is stopped when the API server hangs up', async () => {
  const stopped = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const waits = validating({
    path: '/box',
    resource: Box,
    review(_, { signal }) {
      signal.addEventListener('abort', () => stopped.resolve());
      begun.resolve();
      return new Promise(() => {});
    },
  });
  const { post } = await serving([waits]);
  const agent = new Agent();
  const answer = expect(post({ agent })).rejects.toThrow('socket hang up');
  await begun.promise;
  agent.destroy();
  await Promise.all([answer, stopped.promise]);
});

test.each<[string, Partial<Call>, number, string]>([
  ['a path without a handler', { path: '/other' }, 404, 'no webhook here'],
  ['another method', { method: 'GET', body: '' }, 405, 'POST an AdmissionReview'],
  ['a body that is no JSON', { body: '{' }, 400, 'not JSON'],
  ['a body that is no review', { body: '{}' }, 400, 'not an AdmissionReview'],
  ['a body that says it is too long', { body: 'x'.repeat(2001) }, 413, '2000 bytes'],
  [
    'a body that turns out too long',
    { body: 'x'.repeat(2001), headers: { 'transfer-encoding': 'chunked' } },
    413,
    '2000 bytes',
  ],
])('%s is refused, and its connection closed', async (_, request, status, message) => {
  const { post } = await serving();
  const answer = await post(request);
  expect(answer).toMatchObject({ status, connection: 'close', body: expect.stringContaining(message) });
  expect((await post()).status).toBe(200);
});

test('a new certificate is shown to whom connects next, and present connections stay', async () => {
  const { server, port, post } = await serving();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  await post({ agent });
  const socketOf = () => Object.values(agent.freeSockets).flat()[0];
  const socket = socketOf();
  expect(socket).toBeDefined();
  await expect(shownBy(port, second.authority)).rejects.toThrow();

  server.use(second);
  await shownBy(port, second.authority);
  await expect(shownBy(port, first.authority)).rejects.toThrow();
  expect((await post({ agent })).status).toBe(200);
  expect(socketOf()).toBe(socket);
});

test('a server that stops takes no more, and first gives the answers that it owes', async () => {
  const verdict = Promise.withResolvers<ReturnType<typeof allow>>();
  const begun = Promise.withResolvers<void>();
  const waits = validating({
    path: '/box',
    resource: Box,
    review() {
      begun.resolve();
      return verdict.promise;
    },
  });
  const { post, stop, run } = await serving([waits]);
  const agent = new Agent({ keepAlive: true });
  const answer = post({ agent });
  await begun.promise;
  stop();
  await vi.waitFor(() => expect(post()).rejects.toThrow('ECONNREFUSED'));
  verdict.resolve(allow());
  expect(await answer).toMatchObject({ status: 200, connection: 'close' });
  await run;
});

test('a server that stops waits for no answer longer than its grace', async () => {
  const begun = Promise.withResolvers<void>();
  const hangs = validating({
    path: '/box',
    resource: Box,
    deadlineMs: 60_000,
    review() {
      begun.resolve();
      return new Promise(() => {});
    },
  });
  const { post, stop, run, clock } = await serving([hangs]);
  const answer = expect(post()).rejects.toThrow('socket hang up');
  await begun.promise;
  stop();
  await Promise.resolve();
  clock.advance(5000);
  await Promise.all([answer, run]);
});

test('a server that can not listen says so', async () => {
  const { port } = await serving();
  const options = {
    handlers: [],
    host: '127.0.0.1',
    maxBodyBytes: 1,
    graceMs: 1,
    clock: virtualClock(),
    log: silentLog,
  };
  const other = webhookServer({ ...options, port });
  other.use(first);
  await expect(other.run(new AbortController().signal)).rejects.toThrow('EADDRINUSE');
});

test('two handlers of one path are a mistake', async () => {
  await expect(serving([judge, judge])).rejects.toThrow('the same path');
});
