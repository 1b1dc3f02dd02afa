import { CommandError, type ErrorCode } from './errors.ts';
import type { CommandOutput } from './run.ts';

/** What a tool says when it refuses, matched loosely, and the code that stands for it. The first match counts. */
export type RefusalTable = readonly (readonly [says: RegExp, code: ErrorCode])[];

/**
 * The error for a command that ended with a status it should not have.
 * @param command what was being done, in words
 */
export function refusal(
  command: string,
  { exitCode, stdout, stderr }: CommandOutput,
  table: RefusalTable,
): CommandError {
  const code = table.find(([says]) => says.test(stderr))?.[1];
  // Some tools tell the reason of a question on stdout, and only the question on stderr.
  const said = code === undefined ? `${stdout.slice(-500)}\n${stderr}` : stderr;
  return new CommandError({ code: code ?? 'FAILED', command, exitCode, stderr: said });
}

/** The error for a check of ours that failed before the tool was run. */
export function refuse(code: ErrorCode, command: string, why = ''): never {
  throw new CommandError({ code, command, stderr: why });
}
