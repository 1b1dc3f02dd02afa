import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Caller } from '../wire/server.ts';
import { decodeJson, frameType } from '../wire/frames.ts';
import type { ExecRequest, ExecStatus } from './requests.ts';

export const baseEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C',
};

/** A child that hands its pipes to a daemon keeps them open for ever; after its exit the rest of the output gets this long. */
const drainMs = 500;
/** A killed command that is still there after this waits for the kernel, and we do not wait for it. */
const stuckMs = 2000;

/** Runs one command in its own process group, which is killed when its time is over or the caller hangs up. */
export async function exec(request: ExecRequest, caller: Caller): Promise<ExecStatus> {
  const [program = '', ...args] = request.argv;
  const child = spawn(program, args, {
    detached: true,
    cwd: request.cwd ?? '/',
    env: { ...baseEnvironment, ...request.env },
    stdio: [request.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  const started = new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`cannot run ${program}: ${error.message}`)));
  });
  const ended = new Promise<Pick<ExecStatus, 'exitCode' | 'signal'>>((resolve) =>
    child.once('exit', (code, signal) => resolve({ exitCode: code ?? undefined, signal: signal ?? undefined })),
  );
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await started;

  const signalGroup = (signal: NodeJS.Signals) => {
    try {
      process.kill(-child.pid!, signal);
    } catch {
      // It ended in the meantime.
    }
  };
  const given = Promise.withResolvers<void>();
  const giveUp = () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    signalGroup('SIGKILL');
    setTimeout(given.resolve, stuckMs).unref();
  };
  let timedOut = false;
  const timer =
    request.timeoutMs === undefined ? undefined : setTimeout(() => ((timedOut = true), giveUp()), request.timeoutMs);

  child.stdin?.on('error', () => {
    // The command closed its standard input early, as `head` does.
  });
  void (async () => {
    for await (const frame of caller.incoming) {
      if (frame.type === frameType.stdin) child.stdin?.write(frame.payload);
      else if (frame.type === frameType.stdinEnd) child.stdin?.end();
      else if (frame.type === frameType.signal) signalGroup(decodeJson(frame) as NodeJS.Signals);
    }
  })()
    .catch(() => {
      // A broken connection is a caller that hung up.
    })
    .finally(giveUp);
  const copied = Promise.all([copy(child.stdout, caller.stdout), copy(child.stderr, caller.stderr)]);

  const status = await Promise.race([ended, given.promise]);
  clearTimeout(timer);
  if (status === undefined) return { timedOut, stuck: true };
  const drained = AbortSignal.timeout(drainMs);
  await Promise.race([
    Promise.all([closed, copied]),
    new Promise((resolve) => drained.addEventListener('abort', resolve)),
  ]);
  return { ...status, timedOut, stuck: false };
}

async function copy(from: Readable | null, to: (chunk: Buffer) => Promise<void>): Promise<void> {
  if (from === null) return;
  for await (const chunk of from) await to(chunk as Buffer);
}
