// Prints a story: what is about to be shown, the command a user would type, and what it really printed.

export type CommandResult = { stdout: string; stderr: string; exitCode: number };

const bold = (text: string): string => (process.stdout.isTTY ? `\u001B[1m${text}\u001B[0m` : text);

/** Starts a numbered chapter. */
export function chapterTeller(): (title: string) => void {
  let number = 0;
  return (title) => console.log(`\n${bold(`${++number}. ${title}`)}`);
}

/** Shows a command line and its output as a terminal would, and returns the output. A failing command ends the story. */
export async function show(commandLine: string, run: () => Promise<CommandResult>): Promise<string> {
  console.log(`\n$ ${commandLine}`);
  const { stdout, stderr, exitCode } = await run();
  const output = `${stdout}${stderr}`.trimEnd();
  if (output !== '') console.log(output);
  if (exitCode !== 0) throw new Error(`"${commandLine}" ended with exit code ${exitCode}; its output is above.`);
  return stdout;
}

/** One indented sentence between commands. */
export const tell = (sentence: string): void => console.log(`  ${sentence}`);
