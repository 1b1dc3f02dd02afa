import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from './errors.ts';

/** Lets the host get on with something. @throws CommandError `ABORTED` */
export async function pause(ms: number, command: string, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (cause) {
    throw new CommandError({ code: 'ABORTED', command, cause });
  }
}
