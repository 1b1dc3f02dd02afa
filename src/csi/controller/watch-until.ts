import { ApiError, keyOf, type KubernetesObject, type Resource, type Selection, sleep } from '@dot-kube/operator';
import type { CsiError } from '../grpc/csi-error.ts';
import type { Task } from './task.ts';

/** A watch that ends is not begun anew sooner. */
const relistMs = 1_000;

export interface Awaited<O, T> {
  /** What the objects show at the moment; undefined: not yet what is waited for. */
  readonly judge: (objects: readonly O[]) => T | undefined | Promise<T | undefined>;
  /** What the caller is told when the time to answer has come. */
  readonly overdue: (objects: readonly O[]) => CsiError;
  /** Less time than the whole call has. */
  readonly withinMs?: number;
}

/**
 * Watches objects until they show what is waited for.
 * @throws what `overdue` makes, the reason of the caller's signal, and ApiError when the objects can't be listed
 */
export async function watchUntil<O extends KubernetesObject, T>(
  { client, clock, signal, overdue }: Task,
  resource: Resource<O>,
  selection: Selection,
  awaited: Awaited<O, T>,
): Promise<T> {
  const shorter = new AbortController();
  const cancel = awaited.withinMs === undefined ? undefined : clock.timer(awaited.withinMs, () => shorter.abort());
  const either = AbortSignal.any([signal, overdue, shorter.signal]);
  let seen = new Map<string, O>();
  const judged = (): T | undefined | Promise<T | undefined> => awaited.judge([...seen.values()]);
  try {
    while (!either.aborted) {
      const { items, resourceVersion } = await client.list(resource, { ...selection, signal: either });
      seen = new Map(items.map((item) => [keyOf(item.metadata), item]));
      const found = await judged();
      if (found !== undefined) return found;
      try {
        for await (const event of client.watch(resource, { ...selection, resourceVersion, signal: either })) {
          if (event.type === 'BOOKMARK') continue;
          const key = keyOf(event.object.metadata);
          if (event.type === 'DELETED') seen.delete(key);
          else seen.set(key, event.object);
          const shown = await judged();
          if (shown !== undefined) return shown;
        }
      } catch (error) {
        // Whatever is wrong with the watch, the next list shows or is told.
        if (!(error instanceof ApiError)) throw error;
      }
      await sleep(clock, relistMs, either);
    }
  } catch (error) {
    if (!either.aborted) throw error;
  } finally {
    cancel?.();
  }
  signal.throwIfAborted();
  throw awaited.overdue([...seen.values()]);
}

/** The object of that name alone. */
export const named = (name: string): Selection => ({ fieldSelector: `metadata.name=${name}` });
