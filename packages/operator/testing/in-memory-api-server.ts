import { ApiError, refusal } from '../src/api-error.ts';
import { builtin, type Pod, type PodDisruptionBudget } from '../src/builtin.ts';
import { callName } from '../src/call-name.ts';
import type { ApplyOptions, Client, DeleteOptions, EvictOptions, ListOptions, WatchOptions } from '../src/client.ts';
import type { Clock } from '../src/clock.ts';
import { deepFreeze } from '../src/deep-freeze.ts';
import { rfc3339 } from '../src/conditions.ts';
import {
  apiVersionOf,
  keyOf,
  resourceId,
  type KubernetesObject,
  type ObjectKey,
  type ObjectMeta,
  type Resource,
} from '../src/resource.ts';
import type { Admission, AdmissionRequest, User } from './admission.ts';
import { budgetFor } from './eviction.ts';
import {
  conflictsOf,
  laidOver,
  leavesOf,
  read,
  tookOver,
  withNullForEmptied,
  without,
  type FieldSet,
  type Owners,
} from './field-ownership.ts';
import { History } from './history.ts';
import { copy, equal, mergePatch } from './json.ts';
import { jsonPatch } from './json-patch.ts';
import { keepsStatusOnCreate, kindOf, type Kind } from './kinds.ts';
import { selector } from './selectors.ts';
import { admitted, faults } from './structural-validation.ts';

/** An object with the members that kinds have; the server looks at no others. */
interface Stored extends KubernetesObject {
  spec?: unknown;
  status?: unknown;
}

interface Entry {
  readonly object: Stored;
  readonly owners: Owners;
}

interface Caller {
  readonly user: User;
  /** Who the fields belong to that this caller sets without apply. */
  readonly manager: string;
}

export interface InMemoryApiServerOptions {
  clock: Clock;
  /** The kinds it serves besides the built-in ones; custom ones are validated by their schema. */
  resources: readonly Resource[];
  admission?: Admission;
}

export interface InMemoryApiServer {
  client(options?: { user?: User; fieldManager?: string }): Client;
  /**
   * The world by `plural.group` and key, without what differs between two runs that end alike: uids, versions,
   * generations and times that the server or a condition keeps.
   */
  dump(): Record<string, Record<string, KubernetesObject>>;
  /** Grows by one with each write that changed something. */
  version(): number;
  /** Ends all watches; clients are to come back. */
  disconnect(): void;
  /** Forgets the past, so that watches from any version before now are told `Expired`. */
  compact(): void;
}

/**
 * An API server for simulation: versions, generations, conflicts, finalizers, status sub-resource, selectors, watches,
 * merge and JSON patch, server-side apply and eviction, with schemas enforced. It answers in the same turn of the event loop and never
 * fails by itself. It has no garbage collector, no CEL and no authorisation; `admission` stands in for the latter two.
 */
export function inMemoryApiServer({ clock, resources, admission }: InMemoryApiServerOptions): InMemoryApiServer {
  const store = new Store(clock, resources, admission ?? (() => undefined));
  return {
    client: ({ user = { username: 'system:admin' }, fieldManager } = {}) =>
      clientOf(store, { user, manager: fieldManager ?? user.username }),
    dump: () => store.dump(),
    version: () => store.version,
    disconnect: () => store.history.disconnect(),
    compact: () => store.history.forget(store.version),
  };
}

function clientOf(store: Store, caller: Caller): Client {
  /** A call's answer arrives later than the call returns, as over a wire; an aborted caller changes nothing. */
  const answer = async (call: string, signal: AbortSignal | undefined, act: () => unknown): Promise<never> => {
    await Promise.resolve();
    signal?.throwIfAborted();
    try {
      return copy(act()) as never;
    } catch (error) {
      throw named(call, error);
    }
  };
  return {
    get: (resource, name, { namespace, signal } = {}) =>
      answer(callName('get', resource, { name, namespace }), signal, () => {
        return store.find(resource, keyIn(namespace, name))?.object;
      }),
    list: (resource, options = {}) =>
      answer(callName('list', resource, { namespace: options.namespace }), options.signal, () =>
        store.list(resource, options),
      ),
    create: (resource, object, { signal } = {}) =>
      answer(callName('create', resource, object.metadata), signal, () => store.create(resource, copy(object), caller)),
    update: (resource, object, { signal } = {}) =>
      answer(callName('update', resource, object.metadata), signal, () =>
        store.update(resource, copy(object), undefined, caller),
      ),
    updateStatus: (resource, object, { signal } = {}) =>
      answer(callName('update status of', resource, object.metadata), signal, () =>
        store.update(resource, copy(object), 'status', caller),
      ),
    apply: (resource, object, options) =>
      answer(callName('apply', resource, object.metadata), options.signal, () =>
        store.apply(resource, copy(object) as unknown as Stored, undefined, options, caller),
      ),
    applyStatus: (resource, object, options) =>
      answer(callName('apply status of', resource, object.metadata), options.signal, () =>
        store.apply(resource, copy(object) as unknown as Stored, 'status', options, caller),
      ),
    patch: (resource, name, patch, { namespace, signal } = {}) =>
      answer(callName('patch', resource, { name, namespace }), signal, () =>
        store.patch(resource, keyIn(namespace, name), (object) => mergePatch(object, copy(patch)), caller),
      ),
    jsonPatch: (resource, name, operations, { namespace, signal } = {}) =>
      answer(callName('patch', resource, { name, namespace }), signal, () =>
        store.patch(resource, keyIn(namespace, name), (object) => jsonPatch(object, copy(operations)), caller),
      ),
    delete: (resource, name, options = {}) =>
      answer(callName('delete', resource, { name, namespace: options.namespace }), options.signal, () =>
        store.delete(resource, name, options, caller),
      ),
    evict: (pod, options) =>
      answer(callName('evict', builtin.Pod, { name: pod, namespace: options.namespace }), options.signal, () =>
        store.evict(pod, options, caller),
      ),
    async *watch(resource, options) {
      try {
        yield* store.watch(resource, options) as AsyncIterable<never>;
      } catch (error) {
        throw named(callName('watch', resource, { namespace: options.namespace }), error);
      }
    },
  };
}

function named(call: string, error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  const { code, reason, message, causes, retryAfterMs } = error;
  return refusal(call, code, reason, message, { causes, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}

const keyIn = (namespace: string | undefined, name: string): ObjectKey => ({
  name,
  ...(namespace !== undefined && { namespace }),
});

class Store {
  readonly history = new History();
  version = 0;
  readonly #clock: Clock;
  readonly #admission: Admission;
  readonly #kinds = new Map<string, Kind>();
  readonly #entries = new Map<string, Map<string, Entry>>();
  #uids = 0;

  constructor(clock: Clock, resources: readonly Resource[], admission: Admission) {
    this.#clock = clock;
    this.#admission = admission;
    for (const resource of [...Object.values(builtin), ...resources]) {
      this.#kinds.set(resourceId(resource), kindOf(resource));
      this.#entries.set(resourceId(resource), new Map());
    }
  }

  find(resource: Resource, key: ObjectKey): Entry | undefined {
    this.#kind(resource);
    return this.#entries.get(resourceId(resource))!.get(keyOf(key));
  }

  list(resource: Resource, options: ListOptions): { items: Stored[]; resourceVersion: string } {
    const selects = this.#selects(resource, options);
    const entries = [...this.#entries.get(resourceId(resource))!].sort(([a], [b]) => (a < b ? -1 : 1));
    const items = entries.map(([, { object }]) => object).filter(selects);
    return { items, resourceVersion: `${this.version}` };
  }

  watch(resource: Resource, options: WatchOptions) {
    const selects = this.#selects(resource, options);
    return this.history.watch(resource, selects, Number(options.resourceVersion), options.signal);
  }

  create(resource: Resource, given: Stored, caller: Caller, owners?: Owners): Stored {
    const kind = this.#kind(resource);
    if (this.find(resource, given.metadata) !== undefined) {
      throw new ApiError(409, 'AlreadyExists', `${resourceId(resource)} "${given.metadata.name}" already exists`);
    }
    const { resourceVersion, deletionTimestamp: _, managedFields: __, ...metadata } = given.metadata;
    if (resourceVersion !== undefined && resourceVersion !== '') {
      throw new ApiError(400, 'BadRequest', 'resourceVersion should not be set on objects to be created');
    }
    if ((resource.scope === 'Namespaced') !== (metadata.namespace !== undefined)) {
      throw new ApiError(400, 'BadRequest', `${resource.kind} is ${resource.scope}: namespace ${metadata.namespace}`);
    }
    this.#uids += 1;
    const object: Stored = {
      ...given,
      metadata: {
        ...metadata,
        uid: `00000000-0000-4000-8000-${this.#uids.toString(16).padStart(12, '0')}`,
        generation: 1,
        creationTimestamp: rfc3339(this.#clock.now()),
      },
    };
    if (!keepsStatusOnCreate(kind)) delete object.status;
    const next = this.#valid(kind, object);
    this.#admit(kind, 'CREATE', undefined, undefined, next, caller.user);
    return this.#put(
      kind,
      undefined,
      next,
      owners ?? tookOver(new Map(), `${caller.manager} Update`, {}, owned(next, kind, undefined), kind.mergeSchema),
    );
  }

  update(resource: Resource, given: Stored, subResource: 'status' | undefined, caller: Caller): Stored {
    const kind = this.#kind(resource);
    const before = this.#existing(resource, given.metadata);
    const { resourceVersion } = given.metadata;
    if (resourceVersion === undefined && kind.schema !== undefined) {
      throw invalid(kind, given.metadata.name, [
        'metadata.resourceVersion: Invalid value: 0: must be specified for an update',
      ]);
    }
    return this.#change(kind, before, given, subResource, caller, (next) =>
      tookOver(
        before.owners,
        `${caller.manager} Update ${subResource ?? ''}`.trim(),
        owned(before.object, kind, undefined, true),
        owned(next, kind, undefined, true),
        kind.mergeSchema,
      ),
    );
  }

  /** @param change of the object, which is given without its version: a patch may say which it is meant for */
  patch(resource: Resource, key: ObjectKey, change: (object: object) => unknown, caller: Caller): Stored {
    const before = this.#existing(resource, key);
    const { resourceVersion: current, ...metadata } = before.object.metadata;
    const patched = change({ ...before.object, metadata }) as Stored;
    patched.metadata.resourceVersion ??= current!;
    return this.update(resource, patched, undefined, caller);
  }

  apply(
    resource: Resource,
    given: Stored,
    subResource: 'status' | undefined,
    { fieldManager, force = false }: ApplyOptions,
    caller: Caller,
  ): Stored {
    const kind = this.#kind(resource);
    const self = `${fieldManager} Apply ${subResource ?? ''}`.trim();
    const before = this.find(resource, given.metadata);
    const opinion = owned(given, kind, subResource);
    const wanted = leavesOf(opinion, kind.mergeSchema);
    if (before === undefined) {
      if (subResource !== undefined) throw notFound(resource, given.metadata.name);
      if (given.metadata.uid !== undefined)
        throw conflict(kind, given.metadata.name, 'uid mismatch: no existing object was found');
      return this.create(resource, given, caller, new Map([[self, wanted]]));
    }
    const conflicts = conflictsOf(before.owners, self, before.object, opinion, wanted);
    if (conflicts.length > 0 && !force) {
      const told = conflicts.map(({ manager, field }) => `conflict with "${manager}": ${field}`).join(', ');
      throw new ApiError(409, 'Conflict', `Apply failed with ${conflicts.length} conflict(s): ${told}`);
    }

    const others: Owners = new Map();
    for (const [manager, fields] of before.owners) {
      if (manager === self) continue;
      const kept = [...fields].filter(
        ([spelling, path]) => !wanted.has(spelling) || equal(read(before.object, path), read(opinion, path)),
      );
      if (kept.length > 0) others.set(manager, new Map(kept));
    }
    const opinions: FieldSet = new Map([...others.values(), wanted].flatMap((fields) => [...fields]));
    const dropped: FieldSet = new Map(
      [...(before.owners.get(self) ?? [])].filter(([spelling]) => !opinions.has(spelling)),
    );
    const left = laidOver(without(before.object, dropped, opinions), opinion, kind.mergeSchema);
    const laid = withNullForEmptied(left, before.object, wanted) as Stored;
    const { uid: live } = before.object.metadata;
    const { resourceVersion = before.object.metadata.resourceVersion } = given.metadata;
    // A custom kind's status sub-resource takes no notice of whom an apply names.
    const uid = subResource === 'status' ? live : (given.metadata.uid ?? live);
    const merged: Stored = { ...laid, metadata: { ...laid.metadata, resourceVersion: resourceVersion!, uid: uid! } };
    const owners: Owners = wanted.size > 0 ? new Map([...others, [self, wanted]]) : others;
    return this.#change(kind, before, merged, subResource, caller, () => owners);
  }

  delete(resource: Resource, name: string, options: DeleteOptions, { user }: Caller): boolean {
    const kind = this.#kind(resource);
    const before = this.find(resource, {
      name,
      ...(options.namespace !== undefined && { namespace: options.namespace }),
    });
    if (before === undefined) return false;
    const { metadata } = before.object;
    if (options.uid !== undefined && options.uid !== metadata.uid)
      throw conflict(kind, name, 'the UID in the precondition');
    if (options.resourceVersion !== undefined && options.resourceVersion !== metadata.resourceVersion) {
      throw conflict(kind, name, 'the ResourceVersion in the precondition');
    }
    this.#admit(kind, 'DELETE', undefined, before.object, undefined, user);
    if ((metadata.finalizers ?? []).length === 0) this.#remove(kind, before.object);
    else if (metadata.deletionTimestamp === undefined) {
      const marked = {
        ...metadata,
        generation: (metadata.generation ?? 1) + 1,
        deletionTimestamp: rfc3339(this.#clock.now()),
        deletionGracePeriodSeconds: 0,
      };
      this.#put(kind, before, { ...before.object, metadata: marked }, before.owners);
    }
    return true;
  }

  evict(name: string, options: EvictOptions, caller: Caller): boolean {
    const pod = this.find(builtin.Pod, { name, namespace: options.namespace });
    if (pod === undefined) return false;
    const budgets = this.list(builtin.PodDisruptionBudget, { namespace: options.namespace }).items;
    const budget = budgetFor(pod.object as Pod, budgets as PodDisruptionBudget[]);
    if (budget?.status !== undefined) {
      const disruptionsAllowed = budget.status.disruptionsAllowed - 1;
      const disruptedPods = { ...budget.status.disruptedPods, [name]: rfc3339(this.#clock.now()) };
      const status = { ...budget.status, disruptionsAllowed, disruptedPods };
      this.update(builtin.PodDisruptionBudget, copy({ ...budget, status }), 'status', caller);
    }
    return this.delete(builtin.Pod, name, options, caller);
  }

  dump(): Record<string, Record<string, KubernetesObject>> {
    const kinds = [...this.#entries].filter(([, entries]) => entries.size > 0).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      kinds.map(([id, entries]) => {
        const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
        return [id, Object.fromEntries(sorted.map(([key, { object }]) => [key, lasting(object)]))];
      }),
    );
  }

  /** Everything that update, patch and apply have in common. */
  #change(
    kind: Kind,
    before: Entry,
    given: Stored,
    subResource: 'status' | undefined,
    { user }: Caller,
    ownersOf: (next: Stored) => Owners,
  ): Stored {
    const old = before.object;
    const { resourceVersion, uid } = given.metadata;
    if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion) {
      throw conflict(
        kind,
        old.metadata.name,
        'the object has been modified; please apply your changes to the latest version',
      );
    }
    if (uid !== undefined && uid !== old.metadata.uid)
      throw conflict(kind, old.metadata.name, 'the UID in the precondition');

    const next = this.#valid(
      kind,
      subResource === 'status' ? withStatusOf(old, given) : withAllButStatusOf(old, given, kind),
    );
    const added = (next.metadata.finalizers ?? []).filter((name) => !old.metadata.finalizers?.includes(name));
    if (old.metadata.deletionTimestamp !== undefined && added.length > 0) {
      throw invalid(kind, old.metadata.name, [
        `metadata.finalizers: Forbidden: no new finalizers can be added: ${added.join(', ')}`,
      ]);
    }
    if (!equal(content(next), content(old))) next.metadata.generation = (old.metadata.generation ?? 1) + 1;
    this.#admit(kind, 'UPDATE', subResource, old, next, user);
    const owners = ownersOf(next);
    if (equal(typeless(next), typeless(old))) {
      this.#entries.get(resourceId(kind.resource))!.set(keyOf(old.metadata), { object: old, owners });
      return old;
    }
    if (next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0) {
      return this.#remove(kind, next);
    }
    return this.#put(kind, before, next, owners);
  }

  #put(kind: Kind, before: Entry | undefined, next: Stored, owners: Owners): Stored {
    this.version += 1;
    const object = deepFreeze<Stored>({
      ...copy(next),
      apiVersion: apiVersionOf(kind.resource),
      kind: kind.resource.kind,
      metadata: { ...copy(next.metadata), resourceVersion: `${this.version}` },
    });
    const id = resourceId(kind.resource);
    this.#entries.get(id)!.set(keyOf(object.metadata), { object, owners });
    this.history.record({ version: this.version, id, before: before?.object, after: object });
    return object;
  }

  #remove(kind: Kind, last: Stored): Stored {
    this.version += 1;
    const id = resourceId(kind.resource);
    const entries = this.#entries.get(id)!;
    const key = keyOf(last.metadata);
    const before = entries.get(key)!.object;
    entries.delete(key);
    this.history.record({ version: this.version, id, before, after: undefined });
    return last;
  }

  #existing(resource: Resource, key: ObjectKey): Entry {
    const entry = this.find(resource, key);
    if (entry === undefined) throw notFound(resource, key.name);
    return entry;
  }

  /** @returns the object as it will be stored, pruned and with defaults; the version is not yet set */
  #valid(kind: Kind, object: Stored): Stored {
    const { name } = object.metadata;
    if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) || name.length > 253) {
      throw invalid(kind, name, [
        `metadata.name: Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 subdomain must be used`,
      ]);
    }
    if (kind.schema === undefined) return object;
    const next: Stored = { ...object };
    const found: string[] = [];
    for (const part of ['spec', 'status'] as const) {
      const schema = kind.schema.properties?.[part];
      if (schema === undefined) delete next[part];
      else if (next[part] !== undefined) {
        next[part] = admitted(schema, next[part]);
        found.push(...faults(schema, next[part], part));
      } else if (kind.schema.required?.includes(part)) found.push(`${part}: Required value`);
    }
    if (found.length > 0) throw invalid(kind, name, found);
    return next;
  }

  #admit(
    kind: Kind,
    operation: AdmissionRequest['operation'],
    subResource: 'status' | undefined,
    oldObject: Stored | undefined,
    next: Stored | undefined,
    user: User,
  ): void {
    const { name, namespace } = (next ?? oldObject)!.metadata;
    const object = next && deepFreeze(copy(next));
    const refusal = this.#admission({
      operation,
      resource: kind.resource,
      subResource,
      name,
      namespace,
      object,
      oldObject,
      user,
    });
    if (refusal !== undefined) throw invalid(kind, name, [refusal]);
  }

  #selects(resource: Resource, options: ListOptions) {
    const selects = selector(options, this.#kind(resource).selectableFields);
    const { namespace } = options;
    if (namespace === undefined) return selects;
    return (object: KubernetesObject) => object.metadata.namespace === namespace && selects(object);
  }

  #kind(resource: Resource): Kind {
    const kind = this.#kinds.get(resourceId(resource));
    if (kind === undefined)
      throw new ApiError(404, 'NotFound', `the server could not find the requested resource: ${resourceId(resource)}`);
    return kind;
  }
}

/** The server's own metadata stays as it was. */
function withAllButStatusOf(old: Stored, given: Stored, kind: Kind): Stored {
  const { status: _, ...rest } = given;
  const next: Stored = { ...(kind.hasStatus ? rest : given), metadata: keptMetadata(old.metadata, given.metadata) };
  if (kind.hasStatus && old.status !== undefined) next.status = old.status;
  return next;
}

/** What an object wants: all but its metadata, its status and its type. */
function content(object: Stored): object {
  const { metadata: _, status: __, ...wanted } = typeless(object);
  return wanted;
}

function typeless(object: Stored): Omit<Stored, 'apiVersion' | 'kind'> {
  const { apiVersion: _, kind: __, ...rest } = object;
  return copy(rest);
}

function withStatusOf(old: Stored, given: Stored): Stored {
  const { status: _, ...rest } = old;
  return { ...rest, ...(given.status !== undefined && { status: given.status }) };
}

function keptMetadata(old: ObjectMeta, given: ObjectMeta): ObjectMeta {
  const { labels, annotations, finalizers, ownerReferences } = given;
  const { labels: _, annotations: __, finalizers: ___, ownerReferences: ____, ...kept } = old;
  return {
    ...kept,
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(finalizers && { finalizers }),
    ...(ownerReferences && { ownerReferences }),
  };
}

/** The part of an object that managers own: no identity, and only the side of the status or the rest that is written. */
function owned(object: Stored, kind: Kind, subResource: 'status' | undefined, both = false): object {
  const { apiVersion: _, kind: __, metadata, status, ...content } = object;
  if (subResource === 'status') return status === undefined ? {} : { status };
  const { labels, annotations, finalizers, ownerReferences } = metadata;
  const metadataOwned = copy({ labels, annotations, finalizers, ownerReferences });
  return {
    ...content,
    ...(Object.keys(metadataOwned).length > 0 && { metadata: metadataOwned }),
    ...(status !== undefined && (both || !kind.hasStatus) && { status }),
  };
}

/** What would be the same if the same had come about at another time, in another order. */
function lasting(object: KubernetesObject): KubernetesObject {
  const {
    uid: _,
    resourceVersion: __,
    generation: ___,
    creationTimestamp: ____,
    deletionTimestamp,
    ...metadata
  } = object.metadata;
  const timeless = copy({
    ...object,
    metadata: { ...metadata, ...(deletionTimestamp !== undefined && { deletionTimestamp: 'set' }) },
  });
  dropConditionTimes(timeless);
  return timeless;
}

function dropConditionTimes(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if ('lastTransitionTime' in value) delete value.lastTransitionTime;
  if ('observedGeneration' in value) delete value.observedGeneration;
  for (const member of Object.values(value)) dropConditionTimes(member);
}

const notFound = (resource: Resource, name: string) =>
  new ApiError(404, 'NotFound', `${resourceId(resource)} "${name}" not found`);

const conflict = (kind: Kind, name: string, why: string) =>
  new ApiError(409, 'Conflict', `Operation cannot be fulfilled on ${resourceId(kind.resource)} "${name}": ${why}`);

const invalid = (kind: Kind, name: string, faults: readonly string[]) =>
  new ApiError(422, 'Invalid', `${kind.resource.kind} "${name}" is invalid: ${faults.join(', ')}`);
