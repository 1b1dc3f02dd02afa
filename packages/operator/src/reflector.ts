import { ApiError, isExpired } from './api-error.ts';
import type { Client, ListOptions } from './client.ts';
import { sleep, type Clock } from './clock.ts';
import type { Log } from './log.ts';
import { resourceId, type Resource } from './resource.ts';
import { Store } from './store.ts';
import type { Trace } from './trace.ts';

export interface ReflectorOptions {
  client: Client;
  clock: Clock;
  log: Log;
  resource: Resource;
  selection: ListOptions;
  trace: Trace;
}

const firstRetryMs = 500;
const longestRetryMs = 30_000;

/** A watch that ends sooner than this, having told nothing, counts as a failure: else we would spin. */
const shortWatchMs = 1000;

/** Keeps a store equal to what the API server has, for ever, whatever fails. */
export class Reflector {
  readonly store: Store;
  readonly #options: ReflectorOptions;
  /** All up to here is in the store; undefined: list anew. */
  #version: string | undefined;
  #watching = false;
  #openedAt = Infinity;
  #heard = false;
  #markSynced = () => {};
  /** Resolves once the first list is in the store. */
  readonly synced = new Promise<void>((resolve) => (this.#markSynced = resolve));

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.store = new Store(options.resource);
  }

  /** Whether the store is being kept up to date, rather than waiting to try again. */
  watching(): boolean {
    return this.#watching;
  }

  /** Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      const failure = await this.#follow(failures, signal);
      this.#watching = false;
      const wasSound = this.#heard || clock.now() - this.#openedAt >= shortWatchMs;
      if (!wasSound) failures += 1;
      else failures = failure === undefined ? 0 : 1;
      if (failures > 0) await sleep(clock, waitMs(clock, failures, failure), signal);
    }
  }

  /** Lists if need be, and watches until that ends. @returns what it broke on, if anything */
  async #follow(failures: number, signal: AbortSignal): Promise<unknown> {
    const { clock, log, resource, trace } = this.#options;
    const start = {
      kind: 'watch',
      name: `watch ${resourceId(resource)}`,
      attributes: { failures, from: this.#version ?? 'list' },
    } as const;
    this.#openedAt = Infinity;
    this.#heard = false;
    try {
      await trace(start, async () => {
        if (this.#version === undefined) await this.#list(signal);
      });
      this.#openedAt = clock.now();
      this.#watching = true;
      await this.#watch(signal);
      return undefined;
    } catch (error) {
      if (isExpired(error)) this.#version = undefined;
      else if (!signal.aborted) log.warn({ err: error, resource: resourceId(resource) }, 'Lost the watch');
      return error;
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, resource, selection } = this.#options;
    const { items, resourceVersion } = await client.list(resource, { ...selection, signal });
    this.store.replace(items, resourceVersion);
    this.#version = resourceVersion;
    this.#markSynced();
  }

  /** Takes in what changes, until the server ends the watch. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { client, resource, selection } = this.#options;
    for await (const event of client.watch(resource, { ...selection, resourceVersion: this.#version!, signal })) {
      this.#heard = true;
      if (event.type === 'BOOKMARK') this.#version = event.resourceVersion;
      else {
        if (event.type === 'DELETED') this.store.remove(event.object);
        else this.store.put(event.object);
        this.#version = event.object.metadata.resourceVersion!;
      }
    }
  }
}

function waitMs(clock: Clock, failures: number, failure: unknown): number {
  const asked = failure instanceof ApiError ? (failure.retryAfterMs ?? 0) : 0;
  return Math.max(asked, clock.jitter(Math.min(longestRetryMs, firstRetryMs * 2 ** (failures - 1))));
}
