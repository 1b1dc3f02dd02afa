import type { KubernetesObject, OwnerReference } from '../src/resource.ts';

/** Whether an owner is there, and is the one of that uid; undefined when that can't be told, as of a kind nobody serves. */
export type OwnerIsThere = (owner: OwnerReference) => boolean | undefined;

/**
 * What the garbage collector makes of an object: an object goes with the last of its owners; one that keeps an owner
 * loses the references to those that are gone.
 */
export function fateOf(
  { metadata }: KubernetesObject,
  isThere: OwnerIsThere,
): 'stays' | 'goes' | { readonly owners: OwnerReference[] } {
  const { ownerReferences: owners = [], deletionTimestamp } = metadata;
  if (owners.length === 0 || deletionTimestamp !== undefined) return 'stays';
  const found = owners.map(isThere);
  if (found.includes(undefined) || !found.includes(false)) return 'stays';
  return found.includes(true) ? { owners: owners.filter((_, index) => found[index]) } : 'goes';
}
