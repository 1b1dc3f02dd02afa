import { isExpired } from './api-error.ts';
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
    const { clock, log, resource, trace } = this.#options;
    const name = `watch ${resourceId(resource)}`;
    let failures = 0;
    while (!signal.aborted) {
      const from = this.#version;
      try {
        const attributes = { failures, from: from ?? 'list' };
        await trace({ kind: 'watch', name, attributes }, () => this.#prepare(failures, signal));
        this.#watching = true;
        const started = clock.now();
        await this.#watch(signal);
        if (this.#version !== from || clock.now() - started >= shortWatchMs) failures = 0;
        else failures += 1;
      } catch (error) {
        if (signal.aborted) return;
        if (isExpired(error)) this.#version = undefined;
        else {
          failures += 1;
          log.warn({ err: error, resource: resourceId(resource) }, 'Lost the watch');
        }
      }
      this.#watching = false;
    }
  }

  /** All that comes before a watch: waits if the last ones failed, and lists when there is no version to go on from. */
  async #prepare(failures: number, signal: AbortSignal): Promise<void> {
    if (failures > 0) {
      const ms = Math.min(longestRetryMs, firstRetryMs * 2 ** (failures - 1));
      await sleep(this.#options.clock, ms, signal);
      signal.throwIfAborted();
    }
    if (this.#version === undefined) await this.#list(signal);
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
      if (event.type === 'BOOKMARK') this.#version = event.resourceVersion;
      else {
        if (event.type === 'DELETED') this.store.remove(event.object);
        else this.store.put(event.object);
        this.#version = event.object.metadata.resourceVersion!;
      }
    }
  }
}
