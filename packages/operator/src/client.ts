import type { KubernetesObject, ObjectMeta, Resource } from './resource.ts';

export interface CallOptions {
  signal?: AbortSignal;
}

export interface NamespacedOptions extends CallOptions {
  namespace?: string;
}

/** Which objects, chosen by the server; selectors in the syntax of `kubectl get -l` and `--field-selector`. */
export interface Selection {
  /** Those of one namespace: all that a Role lets its subjects list and watch. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

export interface ListOptions extends NamespacedOptions, Selection {}

export interface ObjectList<O> {
  items: O[];
  /** A watch from here misses nothing that came after the list. */
  resourceVersion: string;
}

export interface WatchOptions extends ListOptions {
  resourceVersion: string;
}

/** BOOKMARK carries nothing but `metadata.resourceVersion`: up to there all was told. */
export type WatchEvent<O> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: O }
  | { type: 'BOOKMARK'; resourceVersion: string };

export interface ApplyOptions extends CallOptions {
  fieldManager: string;
  /** Takes fields over that other managers applied; without it these are a Conflict. */
  force?: boolean;
}

export interface DeleteOptions extends NamespacedOptions {
  /** Deletes only the object of this uid, not one made anew under its name. */
  uid?: string;
  resourceVersion?: string;
}

export interface EvictOptions extends DeleteOptions {
  namespace: string;
}

/** One step of a JSON patch, RFC 6902; paths are JSON pointers such as `/metadata/labels/example.io~1name`. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string }
  | { readonly op: 'remove'; readonly path: string };

/** Any part of a value; lists are given whole. */
export type Partially<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: Partially<T[K]> }
    : T;

/** The fields that one manager has an opinion of; what it leaves out and once applied is removed. */
export type Applied<O extends KubernetesObject> = Partially<Omit<O, 'metadata'>> & {
  metadata: Pick<ObjectMeta, 'name'> & Partial<ObjectMeta>;
};

/**
 * Calls to an API server. All abort with `signal` and throw {@link ApiError} for its refusals, whose message names the
 * call, the object and what the server says.
 */
export interface Client {
  /** @returns undefined when there is no such object */
  get<O extends KubernetesObject>(
    resource: Resource<O>,
    name: string,
    options?: NamespacedOptions,
  ): Promise<O | undefined>;
  list<O extends KubernetesObject>(resource: Resource<O>, options?: ListOptions): Promise<ObjectList<O>>;
  /** @throws ApiError `AlreadyExists` */
  create<O extends KubernetesObject>(resource: Resource<O>, object: O, options?: CallOptions): Promise<O>;
  /**
   * PUT: replaces all but the status. With `metadata.resourceVersion` it is a compare-and-swap.
   * @throws ApiError `Conflict`, `NotFound`
   */
  update<O extends KubernetesObject>(resource: Resource<O>, object: O, options?: CallOptions): Promise<O>;
  /** PUT of the status alone, with the same compare-and-swap. */
  updateStatus<O extends KubernetesObject>(resource: Resource<O>, object: O, options?: CallOptions): Promise<O>;
  /** Server-side apply: makes the object, or sets and removes this manager's fields. */
  apply<O extends KubernetesObject>(resource: Resource<O>, object: Applied<O>, options: ApplyOptions): Promise<O>;
  /** Server-side apply of the status alone; the object must exist. */
  applyStatus<O extends KubernetesObject>(resource: Resource<O>, object: Applied<O>, options: ApplyOptions): Promise<O>;
  /** JSON merge patch: null removes a field, lists are replaced whole. */
  patch<O extends KubernetesObject>(
    resource: Resource<O>,
    name: string,
    mergePatch: object,
    options?: NamespacedOptions,
  ): Promise<O>;
  /**
   * JSON patch: all steps or none. A `test` that fails refuses it.
   * @throws ApiError `Invalid` when a step cannot be done
   */
  jsonPatch<O extends KubernetesObject>(
    resource: Resource<O>,
    name: string,
    operations: readonly JsonPatchOperation[],
    options?: NamespacedOptions,
  ): Promise<O>;
  /** @returns false when it was not there; true also when finalizers keep it for now */
  delete(resource: Resource, name: string, options?: DeleteOptions): Promise<boolean>;
  /**
   * Deletes a pod as a drain does, if its disruption budget lets it go.
   * @returns false when it was not there
   * @throws ApiError `TooManyRequests`, for which `isDisruptionBudget` holds, when it has to wait
   */
  evict(pod: string, options: EvictOptions): Promise<boolean>;
  /**
   * Changes after `resourceVersion`, in order. Ends when the server closes it or `signal` aborts; then watch again.
   * @throws ApiError `Expired` when the server no longer has that version: list again
   */
  watch<O extends KubernetesObject>(resource: Resource<O>, options: WatchOptions): AsyncIterable<WatchEvent<O>>;
}
