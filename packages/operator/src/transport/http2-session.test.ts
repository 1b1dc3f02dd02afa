import { once } from 'node:events';
import { constants, createServer, type ServerHttp2Stream } from 'node:http2';
import { connect, type AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Http2Session } from './http2-session.ts';

const { signal } = new AbortController();
const get = { method: 'GET', path: '/', headers: {}, body: undefined, signal };

/** A session, and the server's side of each request. */
async function sessionWith(answer: (stream: ServerHttp2Stream) => void) {
  const server = createServer();
  const streams: ServerHttp2Stream[] = [];
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    streams.push(stream);
    answer(stream);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const session = await Http2Session.over(connect(port, '127.0.0.1'), new URL(`http://127.0.0.1:${port}`), signal);
  onTestFinished(() => {
    session.close();
    server.close();
  });
  return { session, streams };
}

async function textOf(body: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of body) text += chunk;
  return text;
}

test('an answer that was over before anybody read it is read whole', async () => {
  const { session, streams } = await sessionWith((stream) => {
    stream.respond({ ':status': 201 });
    stream.end('all of it');
  });
  const { status, body } = await session.send(get);
  await vi.waitFor(() => expect(streams[0]!.closed).toBe(true));
  for (let turns = 0; turns < 10; turns += 1) await turn();
  expect(status).toBe(201);
  expect(await textOf(body)).toBe('all of it');
  expect(session.load()).toBe(0);
});

test('an answer without a body is an empty one', async () => {
  const { session } = await sessionWith((stream) => stream.respond({ ':status': 204 }, { endStream: true }));
  const { body } = await session.send(get);
  expect(await textOf(body)).toBe('');
});

test('the server is told when nobody reads on', async () => {
  const { session, streams } = await sessionWith((stream) => {
    stream.respond({ ':status': 200 });
    stream.write('first');
  });
  const { body } = await session.send(get);
  for await (const chunk of body) {
    expect(chunk).toBe('first');
    break;
  }
  await vi.waitFor(() => expect(streams[0]!.rstCode).toBe(constants.NGHTTP2_CANCEL));
  expect(session.load()).toBe(0);
});

test('a request that the server cuts off gets no answer', async () => {
  const { session } = await sessionWith((stream) => stream.session!.destroy());
  await expect(session.send(get)).rejects.toMatchObject({ name: 'LostConnection', fate: 'unknown' });
  expect(session.isOpen()).toBe(false);
});
