import { deepFreeze } from './deep-freeze.ts';
import type { Lookup } from './lookup.ts';
import { apiVersionOf, keyOf, resourceId, type KubernetesObject, type ObjectKey, type Resource } from './resource.ts';
import { StoreIndex, type ValuesOf } from './store-index.ts';

/** Told of each change that a store takes in; `before` or `after` is undefined when the object was not there. */
export type StoreListener = (
  key: string,
  before: KubernetesObject | undefined,
  after: KubernetesObject | undefined,
) => void;

/** Indexes of one store; more come from an index that is declared anew in each pass. */
const maxIndexes = 32;

/** The newest known state of the objects of one kind and selection, frozen. */
export class Store {
  readonly resource: Resource;
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #indexes = new Map<ValuesOf, StoreIndex>();
  readonly #listeners: StoreListener[] = [];
  /** All up to here was told by the server, deletions too. */
  #position = 0;

  constructor(resource: Resource) {
    this.resource = resource;
  }

  get(key: ObjectKey): KubernetesObject | undefined {
    return this.#objects.get(keyOf(key));
  }

  size(): number {
    return this.#objects.size;
  }

  list(): KubernetesObject[] {
    return [...this.#objects.values()];
  }

  /** @throws what the index's function throws for an object */
  find({ valuesOf, value }: Lookup<KubernetesObject>): KubernetesObject[] {
    let index = this.#indexes.get(valuesOf);
    if (index === undefined) {
      if (this.#indexes.size === maxIndexes) {
        throw new Error(
          `more than ${maxIndexes} indexes of ${resourceId(this.resource)}: declare them outside of passes`,
        );
      }
      index = new StoreIndex(valuesOf, this.#objects);
      this.#indexes.set(valuesOf, index);
    }
    return index.find(value);
  }

  onChange(listener: StoreListener): void {
    this.#listeners.push(listener);
  }

  /** Takes in what the server tells of an object, unless a newer state of it is known already. */
  put(object: KubernetesObject): void {
    this.#position = Math.max(this.#position, versionOf(object));
    this.#take(object);
  }

  /**
   * Takes in the server's answer to a write of our own, so that the next look sees it. An answer that the watch has
   * overtaken is left alone: the object may be gone since.
   */
  saw(object: KubernetesObject, { onlyIfKnown }: { onlyIfKnown: boolean }): void {
    if (versionOf(object) <= this.#position) return;
    if (onlyIfKnown && !this.#objects.has(keyOf(object.metadata))) return;
    const { deletionTimestamp, finalizers = [] } = object.metadata;
    if (deletionTimestamp === undefined || finalizers.length > 0) this.#take(object);
  }

  /** Forgets an object, unless one made anew under its name is known. */
  remove(object: KubernetesObject): void {
    this.#position = Math.max(this.#position, versionOf(object));
    const key = keyOf(object.metadata);
    const before = this.#objects.get(key);
    if (before === undefined || versionOf(before) > versionOf(object)) return;
    this.#objects.delete(key);
    this.#tell(key, before, undefined);
  }

  /** Takes a whole list in: what it lacks is gone, unless it is known to be newer than the list. */
  replace(objects: readonly KubernetesObject[], resourceVersion: string): void {
    const listed = new Set(objects.map(({ metadata }) => keyOf(metadata)));
    for (const [key, before] of this.#objects) {
      if (listed.has(key) || versionOf(before) > Number(resourceVersion)) continue;
      this.#objects.delete(key);
      this.#tell(key, before, undefined);
    }
    for (const object of objects) this.#take(object);
    this.#position = Math.max(this.#position, Number(resourceVersion));
  }

  #take(object: KubernetesObject): void {
    const key = keyOf(object.metadata);
    const before = this.#objects.get(key);
    if (before !== undefined && versionOf(before) >= versionOf(object)) return;
    const after = this.#kept(object);
    this.#objects.set(key, after);
    this.#tell(key, before, after);
  }

  /** Items of lists lack their type; managed fields are long and read by nobody. */
  #kept(object: KubernetesObject): KubernetesObject {
    const { managedFields: _, ...metadata } = object.metadata;
    return deepFreeze({ ...object, apiVersion: apiVersionOf(this.resource), kind: this.resource.kind, metadata });
  }

  #tell(key: string, before: KubernetesObject | undefined, after: KubernetesObject | undefined): void {
    for (const index of this.#indexes.values()) index.note(key, after);
    for (const listener of this.#listeners) listener(key, before, after);
  }
}

/** Versions of one kind are numbers that grow, as the API conventions have it since Kubernetes 1.35. */
function versionOf({ metadata }: KubernetesObject): number {
  return Number(metadata.resourceVersion ?? 0);
}
