import type { Follow } from '../../src/node/follow.ts';
import type { HostFiles } from '../../src/node/host-files.ts';
import type { CommandOutput, Run } from '../../src/node/run.ts';

/** What a tool printed once, as it was recorded. Left out: nothing on that stream, exit status 0. */
export type Recording = Partial<CommandOutput>;

/**
 * Answers commands from recordings: the first whose words all stand in the command line, in that order. `ran` collects
 * the command lines.
 */
export function replay(recordings: Readonly<Record<string, Recording>>): { run: Run; ran: string[] } {
  const ran: string[] = [];
  const run: Run = async (program, args) => {
    const line = [program, ...args].join(' ');
    ran.push(line);
    const found = Object.entries(recordings).find(([words]) => holdsInOrder(line, words.split(' ')));
    if (found === undefined) throw new Error(`nothing was recorded for: ${line}`);
    return { exitCode: 0, stdout: '', stderr: '', ...found[1] };
  };
  return { run, ran };
}

function holdsInOrder(line: string, words: readonly string[]): boolean {
  let at = 0;
  for (const word of words) {
    at = line.indexOf(word, at);
    if (at < 0) return false;
    at += word.length;
  }
  return true;
}

/** For tools of which nothing is asked that goes on by itself. */
export const neverFollowed: Follow = async (program) => {
  throw new Error(`nothing was recorded of ${program}`);
};

/** A host that has these files, by their paths, and no others. */
export const filesOf = (texts: Readonly<Record<string, string>>): HostFiles => ({
  read: async (path) => texts[path],
  readAll: async (folder, suffix) =>
    new Map(Object.entries(texts).filter(([path]) => path.startsWith(`${folder}/`) && path.endsWith(suffix))),
});
