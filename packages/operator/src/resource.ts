/** Who an object belongs to; the garbage collector deletes it with the last of its owners. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Fields that one manager has applied to an object, as the API server keeps them. */
export interface ManagedFields {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: object;
  subresource?: string;
}

/** Metadata of any object; times are RFC 3339 strings. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFields[];
}

export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

/** Where the objects of one kind live in the API, and by `object` their type. */
export interface Resource<O extends KubernetesObject = KubernetesObject> {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: 'Cluster' | 'Namespaced';
  /** Carries the type only; no value is ever set. */
  readonly object?: O;
}

/** The type of the objects of a kind. */
export type ObjectOf<R extends Resource> = NonNullable<R['object']>;

/** Address of one object within its kind. */
export interface ObjectKey {
  readonly name: string;
  readonly namespace?: string;
}

/** @returns `v1` or `group/version`, as objects carry it */
export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** @returns `plural.group`, which names a kind in a cluster, whatever the version */
export function resourceId(resource: Resource): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

/**
 * Path of a kind's collection or of one object.
 * @throws when a namespaced object is named without its namespace: a request would reach another resource
 */
export function pathOf(resource: Resource, namespace?: string, name?: string, subresource?: string): string {
  const root = resource.group === '' ? '/api' : `/apis/${resource.group}`;
  const parts = [root, resource.version];
  if (resource.scope === 'Namespaced' && namespace !== undefined)
    parts.push('namespaces', encodeURIComponent(namespace));
  if (resource.scope === 'Namespaced' && namespace === undefined && name !== undefined) {
    throw new Error(`${resource.kind} ${name} is namespaced: name its namespace`);
  }
  parts.push(resource.plural);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (subresource !== undefined) parts.push(subresource);
  return parts.join('/');
}

/** One string for an object's key, as queues and caches index it: `name` or `namespace/name`. */
export function keyOf({ name, namespace }: ObjectKey): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The inverse of {@link keyOf}; neither names nor namespaces hold a slash. */
export function parseKey(key: string): ObjectKey {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
