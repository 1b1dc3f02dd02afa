import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { aroundCalls } from './around-calls.ts';
import { SharedCaches } from './cache.ts';
import type { Client } from './client.ts';
import { systemClock, type Clock } from './clock.ts';
import { aborted, ControllerRunner } from './controller-runner.ts';
import type { Controller } from './controller.ts';
import { EventRecorder } from './event-recorder.ts';
import type { Tenure } from './held-lease.ts';
import { whileHolding, type LeaseOptions } from './lease.ts';
import { silentLog, type Log } from './log.ts';

export interface ManagerOptions {
  client: Client;
  controllers: readonly Controller[];
  clock?: Clock;
  log?: Log;
  /**
   * Which process this is, in Events and leases; the host's name and a UUID unless given. Two processes of one host are
   * two: under its name alone the second would take the first one's lease for its own.
   */
  identity?: string;
  /** Works only while it holds this lease. */
  leaderElection?: LeaseOptions;
}

/** Controllers that share watches and live and end together. */
export interface Manager {
  /**
   * Runs until `signal` aborts; resolves when the last pass has ended.
   * @throws what a trigger throws, and LeadershipLost, after all passes have ended
   */
  run(signal: AbortSignal): Promise<void>;
  /** Whether the caches are filled and nothing runs or waits to run now. */
  idle(): boolean;
  /** When the next pass is due that a pass asked for, in milliseconds since 1970; resyncs don't count. */
  due(): number | undefined;
}

export function manager(options: ManagerOptions): Manager {
  const {
    controllers,
    leaderElection: lease,
    clock = systemClock,
    log = silentLog,
    identity = `${hostname()}_${randomUUID()}`,
  } = options;
  let tenure: Tenure | undefined;
  const client = lease === undefined ? options.client : fencedClient(options.client, () => tenure?.check());
  const caches = new SharedCaches({ client, clock, log });
  const events = new EventRecorder(client, clock, log, identity);
  const runners = controllers.map((one) => new ControllerRunner(one, { client, caches, events, clock, log }));
  const reflectors = caches.reflectors();
  let filled = false;

  const work = async (signal: AbortSignal): Promise<void> => {
    const stop = new AbortController();
    const until = AbortSignal.any([signal, stop.signal]);
    const orStop = (running: Promise<void>) => running.finally(() => stop.abort());
    const watching = reflectors.map((reflector) => orStop(reflector.run(until)));
    await Promise.race([Promise.all(reflectors.map(({ synced }) => synced)), aborted(until)]);
    filled = true;
    const passing = until.aborted ? [] : runners.map((runner) => orStop(runner.run(until)));
    const ends = await Promise.allSettled([...passing, ...watching]);
    await events.flush();
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  };

  return {
    run(signal) {
      if (lease === undefined) return work(signal);
      return whileHolding({ client: options.client, clock, log, identity, lease }, signal, (held) => {
        tenure = held;
        return work(AbortSignal.any([signal, held.lost]));
      });
    },
    idle: () =>
      filled &&
      reflectors.every((one) => one.watching()) &&
      runners.every(({ queue }) => queue.idle()) &&
      events.idle(),
    due() {
      const times = runners.map(({ queue }) => queue.due()).filter((time) => time !== undefined);
      return times.length === 0 ? undefined : Math.min(...times);
    },
  };
}

/** Writes only what `check` lets pass, asked right before each write. */
const fencedClient = (client: Client, check: () => void) =>
  aroundCalls(client, ({ writes }, act) => {
    if (writes) check();
    return act();
  });
