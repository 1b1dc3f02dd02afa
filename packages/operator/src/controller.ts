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

/** Whether a change is one; `before` or `after` is undefined where the object came or went. */
export type Predicate<O extends KubernetesObject> = (
  before: Readonly<O> | undefined,
  after: Readonly<O> | undefined,
) => boolean;

export interface Watch {
  readonly resource: Resource;
  readonly selection: Selection;
  readonly map: (object: KubernetesObject, cache: Cache) => MappedKeys;
  readonly when: Predicate<KubernetesObject>;
}

export interface WatchSelection<O extends KubernetesObject> extends Selection {
  /** Changes that it does not hold for pass unnoticed; the selection is the server's, this is ours. */
  readonly when?: Predicate<O>;
}

/** Another kind whose changes concern ours. The mapping is asked of the object as it was and as it is. */
export function watch<O extends KubernetesObject>(
  resource: Resource<O>,
  map: (object: Readonly<O>, cache: Cache) => MappedKeys,
  { when = () => true, ...selection }: WatchSelection<O> = {},
): Watch {
  return { resource, selection, map: map as Watch['map'], when: when as Watch['when'] };
}

/** Objects of `child` that name one of `owner`'s among their owners concern that one. */
export function watchOwned(owner: Resource, child: Resource): Watch {
  const isOfKind = ({ apiVersion, kind }: { apiVersion: string; kind: string }): boolean =>
    kind === owner.kind && groupOf(apiVersion) === owner.group;
  return watch(child, ({ metadata: { namespace, ownerReferences = [] } }) => {
    const where = owner.scope === 'Namespaced' && namespace !== undefined ? { namespace } : {};
    return ownerReferences.filter(isOfKind).map(({ name }) => ({ name, ...where }));
  });
}

/** An owner stays one when its kind gets another version. */
const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '');

/**
 * Holds for changes of what is wanted: an object that came or went, or whose spec is another. Of kinds that count no
 * generations, such as Secret, every change is one.
 */
export const specChanged: Predicate<KubernetesObject> = (before, after) =>
  before?.metadata.uid !== after?.metadata.uid || wantedOf(before) !== wantedOf(after);

const wantedOf = (object: KubernetesObject | undefined): unknown =>
  object?.metadata.generation ?? object?.metadata.resourceVersion;

/** What holds an object until that which it stands for is gone. */
export interface Finalizer<O extends KubernetesObject> {
  /** As in `metadata.finalizers`: a domain, a slash and a word. Put on before the first pass over an object. */
  readonly name: string;
  /** Which objects are held; all, unless given. From one that is held no more the finalizer is taken off. */
  holds?(object: Readonly<O>): boolean;
  /** Passes over an object that is being deleted, instead of `reconcile`, until it says `gone`; then the finalizer goes. */
  cleanUp(pass: Pass<O>): Promise<Result>;
}

export interface ControllerOptions<O extends KubernetesObject> {
  /** In logs and as source of Events; the field manager too, unless that is named. */
  readonly name: string;
  readonly fieldManager?: string;
  readonly resource: Resource<O>;
  /** Which objects, chosen by the server. */
  readonly select?: Selection;
  /** Kinds of objects that those of this kind own, by `metadata.ownerReferences`: the changes of all such objects are watched. */
  readonly owns?: readonly Resource[];
  readonly watches?: readonly Watch[];
  /** Changes of the objects themselves that it does not hold for pass unnoticed. */
  when?(before: Readonly<NoInfer<O>> | undefined, after: Readonly<NoInfer<O>> | undefined): boolean;
  /** Put on each object before its first pass, and taken off when a pass says `gone`. */
  readonly finalizer?: Finalizer<O>;
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
