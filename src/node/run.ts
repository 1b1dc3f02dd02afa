import { setTimeout as delay } from 'node:timers/promises';
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

const environment = {
  LC_ALL: 'C',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  // lvm complains on stderr about every descriptor it inherits.
  LVM_SUPPRESS_FD_WARNINGS: '1',
};
const defaultTimeoutMs = 60_000;
/** From SIGTERM to SIGKILL. lvm leaves a consistent group either way. */
const forceKillAfterMs = 1000;
/** A killed process that is still there after this waits in the kernel and can't be ended by anyone. */
const killedMs = 2500;
const maxOutputCharacters = 64 * 1024 ** 2;

/** The one place that starts programs. */
export function hostRun({ prefix = [], log }: HostRunOptions = {}): Run {
  /** Command lines that never ended, by what they block. */
  const hung = new Map<string, string>();

  return async (program, args, { signal, timeoutMs = defaultTimeoutMs, input, on }) => {
    const argv = [...prefix, program, ...args];
    const command = [program, ...args].join(' ');
    const blocker = on === undefined ? undefined : hung.get(on);
    if (blocker !== undefined) throw new CommandError({ code: 'DEVICE_HUNG', command, stderr: blocker });
    if (signal.aborted) throw new CommandError({ code: 'ABORTED', command, cause: signal.reason });

    const kill = new AbortController();
    const startedAt = performance.now();
    const [file = program, ...rest] = argv;
    const child = execa(file, rest, {
      ...(input === undefined ? { stdin: 'ignore' } : { input }),
      env: environment,
      extendEnv: false,
      reject: false,
      stripFinalNewline: false,
      maxBuffer: maxOutputCharacters,
      cancelSignal: kill.signal,
      killDescendants: true,
      forceKillAfterDelay: forceKillAfterMs,
    });

    const stop = new AbortController();
    const givenUp = Promise.race([
      delay(timeoutMs, 'TIMED_OUT' as const, { signal: stop.signal }),
      aborted(signal, stop.signal),
    ]);
    givenUp.catch(() => {
      // The command ended before anyone gave up.
    });
    const first = await Promise.race([child, givenUp]);
    stop.abort();
    const durationMs = Math.round(performance.now() - startedAt);

    if (typeof first === 'string') {
      kill.abort();
      const ended = child.then(
        () => 'ended' as const,
        () => 'ended' as const,
      );
      const settled = await Promise.race([ended, delay(killedMs, 'hung' as const)]);
      if (settled === 'hung') {
        if (on !== undefined) {
          hung.set(on, `${command} (pid ${child.pid})`);
          void ended.then(() => hung.delete(on));
        }
      }
      log?.debug({ argv, durationMs, outcome: first, hung: settled === 'hung' }, 'Gave up a command');
      throw new CommandError({ code: first, command, cause: signal.reason });
    }

    const { exitCode, stdout, stderr, isMaxBuffer, code, signalDescription } = first;
    log?.debug({ argv, durationMs, exitCode, stderr }, 'Ran a command');
    if (isMaxBuffer) throw new CommandError({ code: 'UNEXPECTED_OUTPUT', command, stderr: 'too much output' });
    if (code === 'ENOENT' || (exitCode === 127 && prefix.length > 0))
      throw new CommandError({ code: 'TOOL_MISSING', command, stderr });
    if (exitCode === undefined)
      throw new CommandError({ code: 'FAILED', command, stderr: signalDescription ?? String(code), cause: first });
    return { exitCode, stdout, stderr };
  };
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
