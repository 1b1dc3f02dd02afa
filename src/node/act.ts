import { CommandError } from './errors.ts';

/**
 * Acts, then looks: what is seen counts, not how the command ended. A command may fail because another process was
 * faster, or time out after its work was done; and one that ended well may have done nothing.
 * @param look gives what was wanted once it is there, else undefined
 * @throws what `act` threw, or CommandError `FAILED`, where the look shows nothing
 */
export async function actThenLook<T>(
  command: string,
  act: () => Promise<void>,
  look: () => Promise<T | undefined>,
): Promise<T> {
  let failure: unknown;
  try {
    await act();
  } catch (error) {
    failure = error;
  }
  // After a failure a look that fails as well adds nothing: the first one tells why.
  const seen = await (failure === undefined ? look() : look().catch(() => undefined));
  if (seen !== undefined) return seen;
  throw failure ?? new CommandError({ code: 'FAILED', command, stderr: 'it ended well, yet nothing has changed' });
}
