import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { aroundCalls } from './around-calls.ts';
import { SharedCaches } from './cache.ts';
import type { Client } from './client.ts';
import { systemClock, type Clock } from './clock.ts';
import { ControllerRunner } from './controller-runner.ts';
import type { Controller } from './controller.ts';
import { EventRecorder } from './event-recorder.ts';
import type { HealthServer } from './health/health-server.ts';
import type { Tenure } from './held-lease.ts';
import { whileHolding, type LeaseOptions } from './lease.ts';
import { liveUntil } from './lifetime.ts';
import { silentLog, type Log } from './log.ts';
import { cacheMetrics, leaderMetrics } from './metrics/manager-metrics.ts';
import type { Metrics } from './metrics/metrics.ts';
import { tracedClient, untraced, type Trace } from './trace.ts';

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
  metrics?: Metrics;
  trace?: Trace;
  /** Started and stopped with the manager. */
  health?: HealthServer;
  /** A pass that runs for more than so many times its deadline makes `/healthz` fail. */
  stuckFactor?: number;
  /** How long passes that run may go on when the manager is told to stop. */
  graceMs?: number;
}

const defaultStuckFactor = 3;

/** With what comes after it, less than the 30 s that Kubernetes gives a pod to end. */
const defaultGraceMs = 20_000;

/** Controllers that share watches and live and end together. */
export interface Manager {
  /**
   * Runs until `stop` aborts. Then it starts no more passes, waits for those that run, tells them to end when the grace
   * is over, writes the last Events, closes its watches, gives up the lease and resolves: 8 s after the grace at most.
   * @param abort tells passes to end at once
   * @throws what a trigger throws; LeadershipLost; an error when a pass did not end. The process must then exit.
   */
  run(stop: AbortSignal, abort?: AbortSignal): Promise<void>;
  /** Whether the caches are filled and nothing runs or waits to run now. */
  idle(): boolean;
  /** When the next pass is due that a pass asked for, in milliseconds since 1970; resyncs don't count. */
  due(): number | undefined;
}

export function manager(options: ManagerOptions): Manager {
  const {
    controllers,
    leaderElection: lease,
    metrics,
    health,
    clock = systemClock,
    log = silentLog,
    identity = `${hostname()}_${randomUUID()}`,
    trace = untraced,
    stuckFactor = defaultStuckFactor,
    graceMs = defaultGraceMs,
  } = options;
  let state: 'waiting' | 'filling' | 'working' | 'stopping' = lease === undefined ? 'filling' : 'waiting';
  let tenure: Tenure | undefined;

  const fenced = lease === undefined ? options.client : fencedClient(options.client, () => tenure?.check());
  const client = options.trace === undefined ? fenced : tracedClient(fenced, options.trace);
  const caches = new SharedCaches({ client, clock, log, trace });
  const events = new EventRecorder(client, clock, log, identity);
  const runners = controllers.map(
    (one) => new ControllerRunner(one, { client, caches, events, clock, log, metrics, trace }),
  );
  const reflectors = caches.reflectors();
  const filled = () => (state = 'working');
  const parts = { reflectors, runners, events, clock, graceMs, filled };

  if (metrics !== undefined) cacheMetrics(metrics, caches);
  if (metrics !== undefined && lease !== undefined) {
    leaderMetrics(metrics, lease.name, () => tenure?.holds() ?? false);
  }
  health?.live.set('passes', () => {
    const stuck = runners.flatMap((runner) => runner.running(stuckFactor));
    return stuck.length === 0 ? undefined : `far beyond their deadline: ${stuck.join(', ')}`;
  });
  health?.ready.set('manager', () => (state === 'waiting' || state === 'working' ? undefined : state));

  const live = async (stop: AbortSignal, abort: AbortSignal): Promise<void> => {
    if (lease === undefined) return liveUntil(stop, abort, parts);
    const candidate = { client: options.client, clock, log, identity, lease };
    return whileHolding(candidate, AbortSignal.any([stop, abort]), (held) => {
      tenure = held;
      state = 'filling';
      return liveUntil(stop, AbortSignal.any([abort, held.lost]), parts);
    });
  };

  return {
    async run(stop, abort = new AbortController().signal) {
      stop.addEventListener('abort', () => (state = 'stopping'), { once: true });
      await health?.start();
      try {
        await live(stop, abort);
      } finally {
        await health?.stop();
      }
    },
    idle: () =>
      state === 'working' &&
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
