import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { setImmediate as immediate, setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { CommandError } from './errors.ts';

export interface RunOptions {
  readonly signal: AbortSignal;
  /** The command is killed after this; 60,000 when left out. */
  readonly timeoutMs?: number;
  /** Text for standard input, never logged; without it standard input is closed, so that no prompt can wait. */
  readonly input?: string;
  /** What a command that never ends would block, e.g. a device path: no further command on it is started then. */
  readonly on?: string;
}

export interface CommandOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one host program to its end, whatever its exit status: what that means is for the caller to know.
 * @throws CommandError `TIMED_OUT`, `ABORTED` (outcome unknown), `DEVICE_HUNG`, `TOOL_MISSING`, `UNEXPECTED_OUTPUT` (too
 *   much of it), `FAILED` (ended by a signal)
 */
export type Run = (program: string, args: readonly string[], options: RunOptions) => Promise<CommandOutput>;

export interface HostRunOptions {
  /** Put before each command line, e.g. what `hostPrefix` says. */
  readonly prefix?: readonly string[];
  readonly log?: { debug(fields: object, message: string): void };
}

/** Of every host program. */
export const hostEnvironment = {
  LC_ALL: 'C',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  // lvm complains on stderr about every descriptor it inherits.
  LVM_SUPPRESS_FD_WARNINGS: '1',
};
const defaultTimeoutMs = 60_000;
/** From SIGTERM to SIGKILL. lvm leaves a consistent group either way. */
const forceKillAfterMs = 1000;
/** What a program printed reaches us a little after its end; a daemon that it started may hold its pipes for ever. */
const drainMs = 500;
/** Against one that never stops printing. */
const mostDrainRounds = 1000;
/** A killed process that is still there after this waits in the kernel and can't be ended by anyone. */
const killedMs = 2500;
const maxOutputCharacters = 64 * 1024 ** 2;

/** The one place that starts programs that end by themselves; `hostFollow` is for those that do not. */
export function hostRun({ prefix = [], log }: HostRunOptions = {}): Run {
  /** Command lines that never ended, by what they block: several may have begun before the first was given up. */
  const hung = new Map<string, Set<string>>();
  const mark = (on: string, line: string): (() => void) => {
    const lines = hung.get(on) ?? new Set();
    hung.set(on, lines.add(line));
    return () => {
      lines.delete(line);
      if (lines.size === 0) hung.delete(on);
    };
  };

  return async (program, args, { signal, timeoutMs = defaultTimeoutMs, input, on }) => {
    const argv = [...prefix, program, ...args];
    const command = [program, ...args].join(' ');
    const blockers = on === undefined ? undefined : hung.get(on);
    if (blockers !== undefined)
      throw new CommandError({ code: 'DEVICE_HUNG', command, stderr: [...blockers].join('; ') });
    if (signal.aborted) throw new CommandError({ code: 'ABORTED', command, cause: signal.reason });

    const kill = new AbortController();
    const startedAt = performance.now();
    const [file = program, ...rest] = argv;
    const child = execa(file, rest, {
      ...(input === undefined ? { stdin: 'ignore' } : { input }),
      env: hostEnvironment,
      extendEnv: false,
      reject: false,
      stripFinalNewline: false,
      maxBuffer: maxOutputCharacters,
      cancelSignal: kill.signal,
      killDescendants: true,
      forceKillAfterDelay: forceKillAfterMs,
    });

    const { nodeChildProcess: started } = child;
    const ended = child.then(
      () => 'ended' as const,
      () => 'ended' as const,
    );
    const stop = new AbortController();
    const givenUp = Promise.race([
      delay(timeoutMs, 'TIMED_OUT' as const, { signal: stop.signal }),
      aborted(signal, stop.signal),
    ]);
    // Not after a kill: what held the pipes then is the sign of a process that could not be killed.
    started.once('exit', () => {
      if (kill.signal.aborted) return;
      stop.abort();
      const pipes = [started.stdout, started.stderr].filter((pipe) => pipe !== null) as Socket[];
      void Promise.race([ended, quiet(pipes)]).then(() => pipes.forEach((pipe) => pipe.destroy()));
    });
    const first = await Promise.race([child, givenUp.catch(() => child)]);
    stop.abort();
    const durationMs = Math.round(performance.now() - startedAt);

    if (typeof first === 'string') {
      kill.abort();
      const settled = await Promise.race([ended, delay(killedMs, 'hung' as const)]);
      if (settled === 'hung') {
        if (on !== undefined) void ended.then(mark(on, `${command} (pid ${child.pid})`));
        // It must not keep this process from ending.
        for (const handle of [started, started.stdout, started.stderr] as Partial<ChildProcess>[]) handle.unref?.();
      }
      log?.debug({ argv, durationMs, outcome: first, hung: settled === 'hung' }, 'Gave up a command');
      throw new CommandError({ code: first, command, cause: signal.reason });
    }

    const { exitCode, stdout, stderr, isMaxBuffer, code, signalDescription } = first;
    log?.debug({ argv, durationMs, exitCode, stderr }, 'Ran a command');
    if (isMaxBuffer) throw new CommandError({ code: 'UNEXPECTED_OUTPUT', command, stderr: 'too much output' });
    if (isToolMissing({ code, exitCode }, prefix)) throw new CommandError({ code: 'TOOL_MISSING', command, stderr });
    if (exitCode === undefined)
      throw new CommandError({ code: 'FAILED', command, stderr: signalDescription ?? String(code), cause: first });
    return { exitCode, stdout, stderr };
  };
}

/** The host lacks the program: it could not be started, or what stands before it says so. */
export const isToolMissing = (
  { code, exitCode }: { code?: string | undefined; exitCode?: number | undefined },
  prefix: readonly string[],
): boolean => code === 'ENOENT' || (exitCode === 127 && prefix.length > 0);

/** After a while, and only once a look at the pipes finds nothing more: a busy process may not have read them until then. */
async function quiet(pipes: readonly Socket[]): Promise<void> {
  const read = (): number => pipes.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  await delay(drainMs, undefined, { ref: false });
  for (let rounds = 0, before = -1; rounds < mostDrainRounds && read() !== before; rounds++) {
    before = read();
    await immediate();
    await immediate();
  }
}

/** `ABORTED` once the caller aborts; rejects when `stop` does, leaving no listener behind. */
function aborted(signal: AbortSignal, stop: AbortSignal): Promise<'ABORTED'> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve('ABORTED');
    signal.addEventListener('abort', onAbort, { once: true });
    stop.addEventListener(
      'abort',
      () => {
        signal.removeEventListener('abort', onAbort);
        reject(new Error('the command ended'));
      },
      { once: true },
    );
  });
}
