import type { Log } from '@dot-kube/operator';
import type { Logger } from 'pino';
import { createLogger } from './logger.ts';
import { stopSignal } from './stop-signal.ts';

/** Runs one role until it is told to stop; what it throws is logged and ends the process, to be started anew. */
export async function runRole(
  role: string,
  level: string,
  work: (log: Log & Logger, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const log = createLogger(role, level);
  const signal = stopSignal();
  log.info({ node: process.version }, `Started the ${role}`);
  try {
    await work(log, signal);
    log.info({}, `Stopped the ${role}`);
  } catch (error) {
    if (signal.aborted) log.warn({ err: error }, `Stopped the ${role} in the middle of something`);
    else log.fatal({ err: error }, `The ${role} cannot go on`);
    // Whatever did not end must not go on: its work may be another's by now.
    process.exit(signal.aborted ? 0 : 1);
  }
}
