import type { Manager } from '../src/manager.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface SettleOptions {
  clock: VirtualClock;
  managers: readonly Manager[];
  /** Fails when there is still work due after so much virtual time. */
  maxVirtualMs?: number;
  /** Ends the managers after so much virtual time, wherever they are: what is refused for ever never settles. */
  atMostMs?: number;
  /** Ends the managers when it aborts, as a killed process ends; what it aborted with is thrown. */
  killed?: AbortSignal;
}

const defaultMaxVirtualMs = 3_600_000;

/** A pass that is busy for so many turns of the event loop waits for the clock, not for its turn. */
const patientTurns = 50;

/** Passes and watches may keep each other busy for so many turns without time going on; more is a loop. */
const maxTurns = 100_000;

/**
 * Runs managers, moving time on to whatever is due next, until nothing but resyncs is left; then ends them at once.
 * All that passes wait for must come in the same turns of the event loop or by this clock, as simulated hosts do it.
 * @throws when that takes too long, when a manager fails, and when it is killed
 */
export async function settle({
  clock,
  managers,
  maxVirtualMs = defaultMaxVirtualMs,
  atMostMs = Infinity,
  killed,
}: SettleOptions): Promise<void> {
  const stop = new AbortController();
  const failures: unknown[] = [];
  const runs = managers.map((manager) =>
    manager.run(stop.signal, stop.signal).catch((error: unknown) => void failures.push(error)),
  );
  const end = clock.now() + maxVirtualMs;
  const cutOff = clock.now() + atMostMs;
  try {
    for (let turns = 0, busyTurns = 0; ; turns += 1) {
      await turn();
      killed?.throwIfAborted();
      if (failures.length > 0) throw failures[0];
      if (turns > maxTurns) throw new Error(`not settled after ${maxTurns} turns: something keeps itself busy`);
      const idle = managers.every((manager) => manager.idle());
      busyTurns = idle ? 0 : busyTurns + 1;
      if (!idle && busyTurns < patientTurns) continue;
      const due = idle ? dueOf(managers) : clock.next();
      if ((due === undefined && idle) || clock.now() >= cutOff) return;
      if (due === undefined) continue;
      if (Math.min(due, cutOff) > end) throw new Error(`not settled after ${maxVirtualMs} ms of virtual time`);
      clock.advance(Math.max(0, Math.min(due, cutOff) - clock.now()));
      busyTurns = 0;
    }
  } finally {
    stop.abort();
    await Promise.all(runs);
  }
}

function dueOf(managers: readonly Manager[]): number | undefined {
  const times = managers.map((manager) => manager.due()).filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Lets everything run that waits for nothing but its turn. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
