import type { Client, Clock, Manager } from '@dot-kube/operator';
import { silentLog } from '@dot-kube/operator';
import { keepLease } from '../../src/controllers/agent/index.ts';

const beatMs = 5_000;

/**
 * The leases of living agents, as something that `settle` runs beside the managers: time never jumps over a beat, and
 * beats alone keep nothing from settling.
 */
export function heartbeats(clock: Clock, clients: ReadonlyMap<string, Client>, others: readonly Manager[]): Manager {
  let lastMs = clock.now();
  return {
    run: async (signal) => {
      const beat = { clock, log: silentLog, renewMs: beatMs };
      await Promise.all([...clients].map(([node, client]) => keepLease({ ...beat, client, node }, signal)));
    },
    idle: () => true,
    due: () => {
      const dues = others.map((other) => other.due()).filter((due) => due !== undefined);
      if (dues.length === 0) return undefined;
      while (lastMs + beatMs <= clock.now()) lastMs += beatMs;
      return lastMs + beatMs;
    },
  };
}

/** Nothing but time that has to pass before all is settled. */
export function patience(clock: Clock, forMs: number): Manager {
  const untilMs = clock.now() + forMs;
  return {
    run: (signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
    idle: () => true,
    due: () => (clock.now() < untilMs ? Math.min(untilMs, clock.now() + 1_000) : undefined),
  };
}
