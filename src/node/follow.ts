import { execa } from 'execa';
import { CommandError } from './errors.ts';
import { hostEnvironment, isToolMissing } from './run.ts';

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** Called with each line that the program prints, without its end. */
  readonly onLine: (line: string) => void;
}

/**
 * Runs a host program that goes on by itself, until the signal aborts; then it is ended, and this resolves.
 * @throws CommandError `TOOL_MISSING`, `FAILED` when it ended unasked
 */
export type Follow = (program: string, args: readonly string[], options: FollowOptions) => Promise<void>;

/** From SIGTERM to SIGKILL. */
const forceKillAfterMs = 1000;

/** Follows programs in the namespaces that `prefix` leads to, e.g. what `hostPrefix` says. */
export function hostFollow({ prefix = [] }: { readonly prefix?: readonly string[] } = {}): Follow {
  return async (program, args, { signal, onLine }) => {
    if (signal.aborted) return;
    const [file = program, ...rest] = [...prefix, program, ...args];
    const command = [program, ...args].join(' ');
    const child = execa(file, rest, {
      stdin: 'ignore',
      env: hostEnvironment,
      extendEnv: false,
      reject: false,
      buffer: { stdout: false },
      cancelSignal: signal,
      killDescendants: true,
      forceKillAfterDelay: forceKillAfterMs,
    });
    // A program that can't be started, or is killed, ends the lines too; why, is told below.
    const read = (async () => {
      for await (const line of child.iterable({ from: 'stdout' })) onLine(line);
    })().catch(() => undefined);
    const { exitCode, code, stderr, signalDescription } = await child;
    await read;
    if (signal.aborted) return;
    if (isToolMissing({ code, exitCode }, prefix)) throw new CommandError({ code: 'TOOL_MISSING', command, stderr });
    const why = stderr === '' ? (signalDescription ?? 'it ended unasked') : stderr;
    throw new CommandError({ code: 'FAILED', command, stderr: why, ...(exitCode === undefined ? {} : { exitCode }) });
  };
}
