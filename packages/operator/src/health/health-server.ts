import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** @returns why not; undefined when all is well. What it throws counts as a reason too. */
export type Check = () => string | undefined | Promise<string | undefined>;

export interface HealthOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** The address to listen on; all of this machine unless given. */
  readonly host?: string;
  /** Shown under `/metrics`. */
  readonly metrics?: { text(): string };
  /** A check that takes longer has failed. */
  readonly checkWithinMs?: number;
}

/** Answers `/healthz`, `/readyz` and `/metrics`. A manager that is given it adds its checks, starts and stops it. */
export interface HealthServer {
  /** Whether the process works; one that doesn't is started anew. Checks by name, to be added to. */
  readonly live: Map<string, Check>;
  /** Whether the process is up to its task. */
  readonly ready: Map<string, Check>;
  /** Once is enough: a second call changes nothing. @throws when the port is taken */
  start(): Promise<void>;
  /** Ends its connections too. */
  stop(): Promise<void>;
  /** Where it listens, once it is started. */
  url(): string;
}

const defaultCheckWithinMs = 2000;

export function healthServer({
  port,
  host,
  metrics,
  checkWithinMs = defaultCheckWithinMs,
}: HealthOptions): HealthServer {
  const live = new Map<string, Check>();
  const ready = new Map<string, Check>();
  const pages = new Map<string, () => Promise<Page>>([
    ['/healthz', () => checked(live, checkWithinMs)],
    ['/readyz', () => checked(ready, checkWithinMs)],
  ]);
  if (metrics !== undefined) {
    pages.set('/metrics', async () => ({ status: 200, type: 'text/plain; version=0.0.4', body: metrics.text() }));
  }
  const server = createServer((request, response) => void answer(pages, request, response));
  return {
    live,
    ready,
    start: async () => {
      if (!server.listening) await listening(server, port, host);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    url() {
      const { address, port, family } = server.address() as AddressInfo;
      return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    },
  };
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const plain = (status: number, body: string): Page => ({ status, type: 'text/plain', body });

async function answer(
  pages: ReadonlyMap<string, () => Promise<Page>>,
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, type, body } = await pageOf(pages, method, url).catch((error: unknown) => plain(500, told(error)));
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(method === 'HEAD' ? undefined : body);
}

async function pageOf(
  pages: ReadonlyMap<string, () => Promise<Page>>,
  method: string | undefined,
  url: string,
): Promise<Page> {
  const page = pages.get(url.replace(/\?.*$/, ''));
  if (page === undefined) return plain(404, `try ${[...pages.keys()].join(', ')}\n`);
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET\n');
  return page();
}

/** In the words of other parts of Kubernetes, so that people read it at a glance. */
async function checked(checks: ReadonlyMap<string, Check>, withinMs: number): Promise<Page> {
  const found = await Promise.all(
    [...checks].map(async ([name, check]) => ({ name, why: await outcomeOf(check, withinMs) })),
  );
  const lines = found.map(({ name, why }) => (why === undefined ? `[+]${name} ok\n` : `[-]${name} failed: ${why}\n`));
  return plain(found.some(({ why }) => why !== undefined) ? 500 : 200, lines.join('') || 'ok\n');
}

async function outcomeOf(check: Check, withinMs: number): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`took longer than ${withinMs} ms`), withinMs);
  });
  try {
    return await Promise.race([check(), late]);
  } catch (error) {
    return told(error);
  } finally {
    clearTimeout(timer);
  }
}

const told = (error: unknown) => (error instanceof Error ? error.message : String(error));

function listening(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (cause: Error) =>
      reject(new Error(`cannot listen on ${host ?? 'all addresses'}, port ${port}: ${cause.message}`, { cause }));
    server.once('error', refused);
    server.listen({ port, ...(host !== undefined && { host }) }, () => {
      server.off('error', refused);
      resolve();
    });
  });
}
