import type { Cache } from './cache.ts';
import type { Client, Selection } from './client.ts';
import type { Events } from './event-recorder.ts';
import type { Log } from './log.ts';
import type { KubernetesObject, ObjectKey, Resource } from './resource.ts';
import type { Result } from './result.ts';
import type { StatusWriter } from './status-writer.ts';
import type { Backoff } from './work-queue.ts';

/** One look at one object, and what may be done about it. */
export interface Pass<O extends KubernetesObject> extends AbsentPass {
  /** From the cache and frozen: what it says may be a moment old, which every write guards against. */
  readonly object: Readonly<O>;
  readonly status: StatusWriter<O>;
}

/** One look at a key whose object is not there. */
export interface AbsentPass extends ObjectKey {
  readonly client: Client;
  readonly cache: Cache;
  readonly events: Events;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Aborts when the pass overruns its deadline, and when the manager stops or is no longer leader. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Names of objects to pass over, because another object changed; with a namespace where the kind has one. */
export type MappedKeys = readonly (string | ObjectKey)[];

export interface Watch {
  readonly resource: Resource;
  readonly selection: Selection;
  readonly map: (object: KubernetesObject, cache: Cache) => MappedKeys;
}

/** Another kind whose changes concern ours. The mapping is asked of the object as it was and as it is. */
export function watch<O extends KubernetesObject>(
  resource: Resource<O>,
  map: (object: Readonly<O>, cache: Cache) => MappedKeys,
  select: Selection = {},
): Watch {
  return { resource, selection: select, map: map as Watch['map'] };
}

export interface ControllerOptions<O extends KubernetesObject> {
  /** In logs and as source of Events; the field manager too, unless that is named. */
  readonly name: string;
  readonly fieldManager?: string;
  readonly resource: Resource<O>;
  /** Which objects, chosen by the server. */
  readonly select?: Selection;
  readonly watches?: readonly Watch[];
  /** Keys that are passed over from the start and at each resync, whether their object is there or not. */
  readonly seeds?: readonly string[];
  /** Watches something that is no object, and adds the keys that it concerns; returns when `signal` aborts. */
  readonly trigger?: (add: (key: string) => void, signal: AbortSignal) => Promise<void>;
  /** How long a key that is done rests. */
  readonly resyncMs?: number;
  /** How long one pass may take. */
  readonly deadlineMs?: number;
  /** How many keys at a time. */
  readonly concurrency?: number;
  readonly backoff?: Backoff;
  reconcile(pass: Pass<O>): Promise<Result>;
  absent?(pass: AbsentPass): Promise<Result>;
}

/** A controller of some kind; which, only its own functions know. */
export type Controller = ControllerOptions<KubernetesObject>;

export function controller<O extends KubernetesObject>(options: ControllerOptions<O>): Controller {
  return options;
}
