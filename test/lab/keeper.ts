// The keeper: starts one lab's supervisor in namespaces of its own, outlives it, and removes its files. Its owner holds
// its standard input: the first line is the lab's configuration, a later line "release" lets the lab live on without an
// owner, and its end otherwise means that the owner is gone and the lab must go too.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { LabConfig } from './config.ts';
import { claimFolder } from './state-folder.ts';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const config = JSON.parse((await lines.next()).value ?? '{}') as LabConfig;
const paths = claimFolder(config.name);
const cluster = config.cluster && { ...config.cluster, forwardedPort: await forwardApiServer() };
writeFileSync(paths.config, JSON.stringify({ ...config, cluster }));

const log = openSync(paths.supervisorLog, 'a');
const supervisor = spawn(
  'unshare',
  [
    '--pid',
    '--net',
    '--mount',
    '--ipc',
    '--fork',
    '--kill-child=SIGKILL',
    '--mount-proc',
    // The shell is the first process of the PID namespace: it reaps what loses its parent, and ends with the supervisor.
    'sh',
    '-c',
    '"$@"; exit $?',
    'sh',
    process.execPath,
    new URL('supervisor/main.ts', import.meta.url).pathname,
    config.name,
  ],
  { stdio: ['pipe', log, log] },
);
closeSync(log);
supervisor.on('error', (error) => {
  process.stderr.write(`cannot start the lab: ${error.message}\n`);
  finish(1);
});
supervisor.on('exit', (code) => finish(code ?? 1));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => supervisor.kill('SIGKILL'));
process.stdout.on('error', () => {
  // The owner hung up early; the end of standard input says so too.
});
process.stdout.write('started\n');

/** Lets processes outside of the lab's network reach its API server, at a free port of the loopback address. */
async function forwardApiServer(): Promise<number> {
  const server = createServer((from) => {
    const to = connect(paths.apiServerSocket);
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

function finish(code: number): never {
  rmSync(paths.folder, { recursive: true, force: true });
  process.exit(code);
}

let released = false;
for await (const line of { [Symbol.asyncIterator]: () => lines }) released ||= line === 'release';
if (!released) supervisor.kill('SIGKILL');
