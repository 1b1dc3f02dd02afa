/** Something the machine lacks and we cannot install; the message says what to do. Shown without a stack trace. */
export class RequirementError extends Error {
  override name = 'RequirementError';
}

/** Runs a whole script; what goes wrong is told in one paragraph, with the stack only when DEBUG is set. */
export async function endWithMessage(script: string, main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(`${script}: ${error instanceof Error ? error.message : String(error)}`);
    if (process.env['DEBUG'] !== undefined && error instanceof Error) console.error(error.stack);
    process.exitCode = 1;
  }
}
