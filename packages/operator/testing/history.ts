import { ApiError } from '../src/api-error.ts';
import type { WatchEvent } from '../src/client.ts';
import { resourceId, type KubernetesObject, type Resource } from '../src/resource.ts';
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
}

/** Changes kept for watches that start in the past; older ones are forgotten, as etcd's are by compaction. */
const keptChanges = 10_000;

/** What happened, in order, and who is told of it. */
export class History {
  #changes: Change[] = [];
  readonly #watchers = new Set<Watcher>();
  #forgotten = 0;

  record(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length > keptChanges) this.forget(this.#changes[0]!.version);
    for (const watcher of this.#watchers) tell(watcher, change);
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
    from: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<WatchEvent<KubernetesObject>> {
    if (from < this.#forgotten)
      throw new ApiError(410, 'Expired', `too old resource version: ${from} (${this.#forgotten})`);
    const watcher: Watcher = { id: resourceId(resource), selects, events: stream() };
    for (const change of this.#changes) if (change.version > from) tell(watcher, change);
    this.#watchers.add(watcher);
    const end = () => watcher.events.end();
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();
    try {
      yield* watcher.events;
    } finally {
      signal?.removeEventListener('abort', end);
      this.#watchers.delete(watcher);
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
