import type { KubernetesObject, OwnerReference, Resource } from './resource.ts';
import type { ValuesOf } from './store-index.ts';

/** Which objects an index is to find. */
export interface Lookup<O extends KubernetesObject> {
  readonly valuesOf: ValuesOf<O>;
  readonly value: string;
}

/**
 * Declares an index of a kind, once and outside of passes: `const byBox = index(Part, (part) => [part.spec.boxName])`,
 * to be asked as `cache.list(Part, byBox('a'))`. Caches keep it from when it is first asked.
 * @param valuesOf under which values an object is found
 */
export function index<O extends KubernetesObject>(
  _resource: Resource<O>,
  valuesOf: ValuesOf<O>,
): (value: string) => Lookup<O> {
  return (value) => ({ valuesOf, value });
}

const ownersOf: ValuesOf = ({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid) ?? [];

/** Finds the objects of any kind that name `owner` among their owners. */
export function ownedBy({ metadata }: KubernetesObject): Lookup<KubernetesObject> {
  if (metadata.uid === undefined)
    throw new Error(`${metadata.name} has no uid: only what the server made owns anything`);
  return { valuesOf: ownersOf, value: metadata.uid };
}

/** What an object that `owner` makes carries to be deleted with it, and to be found by `ownedBy`. */
export function ownerReference({ apiVersion, kind, metadata: { name, uid } }: KubernetesObject): OwnerReference {
  if (apiVersion === undefined || kind === undefined || uid === undefined)
    throw new Error(`${name} is not as a cache has it: only that tells its kind and uid`);
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}
