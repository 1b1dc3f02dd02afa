import { ApiError } from '../src/api-error.ts';
import type { WatchEvent } from '../src/client.ts';
import type { Clock } from '../src/clock.ts';
import { resourceId, type KubernetesObject, type Resource } from '../src/resource.ts';
import { Bookmarks } from './bookmarks.ts';
import { copy } from './json.ts';
import type { Matches } from './selectors.ts';
import { stream, type Stream } from './watch-stream.ts';

/** One change of one object; `before` is undefined when it was made, `after` when it went. */
export interface Change {
  readonly version: number;
  readonly id: string;
  readonly before: KubernetesObject | undefined;
  readonly after: KubernetesObject | undefined;
}

interface Watcher {
  readonly id: string;
  readonly selects: Matches;
  readonly events: Stream<WatchEvent<KubernetesObject>>;
  readonly bookmarks: Bookmarks;
}

/** Changes kept for watches that start in the past; older ones are forgotten, as etcd's are by compaction. */
const keptChanges = 10_000;

export interface WatchWindow {
  readonly from: number;
  /** When the server ends it; undefined: never by itself. */
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What happened, in order, and who is told of it. */
export class History {
  readonly #clock: Clock;
  #changes: Change[] = [];
  readonly #watchers = new Set<Watcher>();
  #latest = 0;
  #forgotten = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  record(change: Change): void {
    this.#latest = change.version;
    this.#changes.push(change);
    if (this.#changes.length > keptChanges) this.forget(this.#changes[0]!.version);
    for (const watcher of this.#watchers) {
      tell(watcher, change);
      watcher.bookmarks.happened();
    }
  }

  /** Forgets all changes up to a version: watches from before it are told `Expired`. */
  forget(version: number): void {
    this.#forgotten = Math.max(this.#forgotten, version);
    this.#changes = this.#changes.filter((change) => change.version > version);
  }

  /** Ends all watches, as a server does when it restarts. */
  disconnect(): void {
    for (const watcher of this.#watchers) watcher.events.end();
    this.#watchers.clear();
  }

  async *watch(
    resource: Resource,
    selects: Matches,
    { from, timeoutMs = Infinity, signal }: WatchWindow,
  ): AsyncGenerator<WatchEvent<KubernetesObject>> {
    if (from < this.#forgotten)
      throw new ApiError(410, 'Expired', `too old resource version: ${from} (${this.#forgotten})`);
    const events: Watcher['events'] = stream();
    const bookmarks = new Bookmarks(this.#clock, this.#clock.now() + timeoutMs, () =>
      events.push({ type: 'BOOKMARK', resourceVersion: `${this.#latest}` }),
    );
    const watcher: Watcher = { id: resourceId(resource), selects, events, bookmarks };
    for (const change of this.#changes) if (change.version > from) tell(watcher, change);
    this.#watchers.add(watcher);
    const end = () => events.end();
    const stopTimer = timeoutMs < Infinity ? this.#clock.timer(timeoutMs, end) : () => {};
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();
    try {
      yield* events;
    } finally {
      signal?.removeEventListener('abort', end);
      this.#watchers.delete(watcher);
      bookmarks.stop();
      stopTimer();
    }
  }
}

/** An object that comes into a selection is ADDED to those who watch it, one that leaves it DELETED. */
function tell({ id, selects, events }: Watcher, { version, id: changed, before, after }: Change): void {
  if (id !== changed) return;
  const was = before !== undefined && selects(before);
  const is = after !== undefined && selects(after);
  if (is) events.push({ type: was ? 'MODIFIED' : 'ADDED', object: copy(after) });
  else if (was) {
    const last = copy(after ?? before);
    last.metadata.resourceVersion = `${version}`;
    events.push({ type: 'DELETED', object: last });
  }
}
