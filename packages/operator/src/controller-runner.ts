import { isAnswering } from './answering.ts';
import { isConflict } from './api-error.ts';
import type { SharedCaches } from './cache.ts';
import type { Client } from './client.ts';
import type { Clock } from './clock.ts';
import { type AbsentPass, type Controller, type MappedKeys, type Watch, watchOwned } from './controller.ts';
import type { EventRecorder, Events } from './event-recorder.ts';
import { ensureFinalizer, isBeingDeleted, letGo } from './finalizer.ts';
import { lostRace, refusalOf } from './refusal.ts';
import type { Log } from './log.ts';
import { controllerMetrics, outcomeOf, type ControllerMetrics } from './metrics/controller-metrics.ts';
import type { Metrics } from './metrics/metrics.ts';
import { queueMetrics } from './metrics/queue-metrics.ts';
import { passClient } from './pass-client.ts';
import { apiVersionOf, keyOf, parseKey, type KubernetesObject, type Resource } from './resource.ts';
import { done, type Result } from './result.ts';
import { statusWriter, type LastApplied } from './status-writer.ts';
import type { Store } from './store.ts';
import type { Trace } from './trace.ts';
import { WorkQueue } from './work-queue.ts';

const defaultResyncMs = 600_000;
const defaultDeadlineMs = 120_000;
const defaultConcurrency = 4;

export interface RunnerOptions {
  client: Client;
  caches: SharedCaches;
  events: EventRecorder;
  clock: Clock;
  log: Log;
  metrics: Metrics | undefined;
  trace: Trace;
}

/** Runs one controller: fills its queue from the watches and gives each pass what it needs. */
export class ControllerRunner {
  readonly queue: WorkQueue;
  readonly #controller: Controller;
  readonly #options: RunnerOptions;
  readonly #log: Log;
  readonly #store: Store;
  readonly #seeds: ReadonlySet<string>;
  readonly #lastApplied: LastApplied = new Map();
  readonly #metrics: ControllerMetrics | undefined;
  #passes = 0;
  /** Whose status a pass is being told that it wrote. */
  #writing: string | undefined;
  #signal: AbortSignal = AbortSignal.abort();

  constructor(controller: Controller, options: RunnerOptions) {
    this.#controller = controller;
    this.#options = options;
    this.#log = options.log.child({ controller: controller.name });
    this.#store = options.caches.storeOf(controller.resource, controller.select ?? {});
    this.#seeds = new Set(controller.seeds);
    const { metrics } = options;
    const { name, concurrency = defaultConcurrency } = controller;
    this.#metrics = metrics && controllerMetrics(metrics, name, concurrency, () => this.queue.running().size);
    this.queue = new WorkQueue({
      clock: options.clock,
      concurrency,
      observer: metrics && queueMetrics(metrics, name, () => this.queue),
      ...(controller.backoff && { backoff: controller.backoff }),
      resyncMs: (key) => (this.#isWanted(key) ? (controller.resyncMs ?? defaultResyncMs) : undefined),
      work: (key) => this.#pass(key),
      failed: (key, error, retryInMs) => this.#failed(key, error, retryInMs),
    });
    this.#store.onChange((key, before, after) => {
      if (after === undefined && before?.metadata.uid !== undefined) this.#lastApplied.delete(before.metadata.uid);
      // A pass knows what it wrote into the status itself: had anything come between, the write would have been refused.
      if (key === this.#writing) return;
      const isChange = this.#asked(() => controller.when?.(before, after), controller.resource, key) ?? true;
      if (isChange) this.queue.add(key);
    });
    for (const child of controller.owns ?? []) this.#follow(watchOwned(controller.resource, child));
    for (const watch of controller.watches ?? []) this.#follow(watch);
  }

  /**
   * Starts passes until `stop` aborts; the caches are filled by then. Passes that run go on until `abort` does.
   * @returns when no more are started; {@link WorkQueue.stop} tells when those that run have ended
   * @throws what the trigger throws
   */
  async run(stop: AbortSignal, abort: AbortSignal): Promise<void> {
    this.#signal = abort;
    for (const seed of this.#seeds) this.queue.add(seed);
    this.queue.start();
    await Promise.all([this.#controller.trigger?.((key) => this.queue.add(key), stop), aborted(stop)]);
  }

  /** Passes that have run for at least so many times their deadline, as `controller key`. */
  running(deadlines = 0): string[] {
    const { name, deadlineMs = defaultDeadlineMs } = this.#controller;
    const old = [...this.queue.running()].filter(([, ms]) => ms >= deadlines * deadlineMs);
    return old.map(([key]) => `${name} ${key}`);
  }

  #follow({ resource, selection, map, when }: Watch): void {
    const { caches } = this.#options;
    const add = (keys: MappedKeys) => {
      for (const key of keys) this.queue.add(typeof key === 'string' ? key : keyOf(key));
    };
    caches.storeOf(resource, selection).onChange((key, before, after) => {
      if (this.#asked(() => when(before, after), resource, key) === false) return;
      for (const object of [before, after]) {
        if (object !== undefined) add(this.#asked(() => map(object, caches), resource, key) ?? []);
      }
    });
  }

  /** What a controller's function answers about a change; undefined when it throws. */
  #asked<T>(ask: () => T, { kind }: Resource, name: string): T | undefined {
    try {
      return ask();
    } catch (error) {
      this.#log.error({ err: error, kind, name }, 'Could not tell whom a change concerns');
      return undefined;
    }
  }

  async #pass(key: string): Promise<Result> {
    const { clock } = this.#options;
    const started = clock.monotonic();
    const seconds = () => (clock.monotonic() - started) / 1000;
    try {
      const result = await this.#inTime(key);
      if (result.kind === 'failed') {
        this.#metrics?.failed(result.error, seconds());
        this.#log.error({ ...this.#about(key), retryInMs: result.ms, err: result.error }, 'Pass failed');
      } else this.#metrics?.passed(outcomeOf(result), seconds());
      return result;
    } catch (error) {
      if (isConflict(error)) this.#metrics?.passed('requeue', seconds());
      else this.#metrics?.failed(error, seconds());
      throw error;
    }
  }

  async #inTime(key: string): Promise<Result> {
    const { clock, trace } = this.#options;
    const { name, deadlineMs = defaultDeadlineMs } = this.#controller;
    const deadline = new AbortController();
    const overran = () => deadline.abort(new Error(`the pass took longer than ${deadlineMs} ms`));
    const cancel = clock.timer(deadlineMs, overran);
    const signal = AbortSignal.any([this.#signal, deadline.signal]);
    const reconcileId = (this.#passes += 1);
    const operation = { kind: 'pass', name: `reconcile ${name}`, attributes: { key, reconcileId } } as const;
    try {
      return await trace(operation, () => this.#reconcile(key, reconcileId, signal));
    } finally {
      cancel();
    }
  }

  async #reconcile(key: string, reconcileId: number, signal: AbortSignal): Promise<Result> {
    const { resource, name: controllerName, fieldManager = controllerName, finalizer } = this.#controller;
    const { caches, clock, events } = this.#options;
    const identity = parseKey(key);
    const known = this.#store.get(identity);
    const client = passClient(this.#options.client, signal, (kind, seen) => caches.saw(kind, seen));
    const pass = (regarding: KubernetesObject): AbsentPass => ({
      ...identity,
      client,
      cache: caches,
      events: events.for(controllerName, resource, regarding),
      now: () => clock.now(),
      signal,
      log: this.#log.child({ kind: resource.kind, name: key, reconcileId }),
    });
    if (known === undefined) {
      const absent: KubernetesObject = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: identity };
      return (await this.#controller.absent?.(pass(absent))) ?? done;
    }
    if (finalizer !== undefined)
      await orTell(pass(known).events, () => ensureFinalizer(client, resource, known, finalizer));
    const object = this.#store.get(identity) ?? known;
    const quiet = passClient(this.#options.client, signal, (kind, seen) => this.#quietly(key, kind, seen));
    const status = statusWriter({ writes: quiet, applies: client }, resource, object, fieldManager, this.#lastApplied);
    const passed = { ...pass(object), object, status };
    const isCleanUp = finalizer !== undefined && isBeingDeleted(object);
    if (isCleanUp && !object.metadata.finalizers?.includes(finalizer.name)) return done;
    const result = await (isCleanUp ? finalizer.cleanUp(passed) : this.#controller.reconcile(passed));
    if (result.kind === 'gone')
      await orTell(passed.events, () => letGo(client, resource, object.metadata, finalizer?.name));
    return result;
  }

  /** Takes in what a pass wrote over the very status that it had read; there is nothing new in it for another pass. */
  #quietly(key: string, kind: Resource, seen: KubernetesObject): void {
    this.#writing = key;
    try {
      this.#options.caches.saw(kind, seen);
    } finally {
      this.#writing = undefined;
    }
  }

  #failed(name: string, error: unknown, backoffMs: number | undefined): number {
    const retryAfterMs = isAnswering(error) ? (error.retryAfterMs ?? 0) : 0;
    const retryInMs = backoffMs === undefined ? undefined : Math.max(backoffMs, retryAfterMs);
    const fields = { ...this.#about(name), retryInMs };
    if (isConflict(error)) this.#log.debug(fields, 'Someone else wrote; passing again');
    else this.#log.error({ ...fields, err: error }, 'Pass failed');
    return retryAfterMs;
  }

  #about(name: string) {
    return { kind: this.#controller.resource.kind, name };
  }

  #isWanted(key: string): boolean {
    return this.#seeds.has(key) || this.#store.get(parseKey(key)) !== undefined;
  }
}

/** What is done around a pass is in no status: where it is refused, an Event says so. */
async function orTell(events: Events, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const { reason, message, foreseen } = refusalOf(error);
    if (foreseen && !lostRace(error)) events.emit({ type: 'Warning', reason, message });
    throw error;
  }
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
