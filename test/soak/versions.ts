import { keyOf, type KubernetesObject } from '@dot-kube/operator';
import type { Versions } from './messages.ts';

/** What is compared of a cache and a server: enough, since a server never gives one version to two states. */
export function versionsOf(...objects: readonly (readonly KubernetesObject[])[]): Versions {
  const named = ({ kind, metadata }: KubernetesObject) => `${kind} ${keyOf(metadata)} ${metadata.uid}`;
  return Object.fromEntries(objects.flat().map((object) => [named(object), `${object.metadata.resourceVersion}`]));
}

/** @returns in which objects a cache differs from what the server lists, one sentence each */
export function differencesOf(cached: Versions, listed: Versions): string[] {
  const names = new Set([...Object.keys(cached), ...Object.keys(listed)]);
  return [...names].flatMap((name) => {
    const [ours, theirs] = [cached[name], listed[name]];
    if (ours === theirs) return [];
    if (ours === undefined) return [`${name} is not in the cache`];
    if (theirs === undefined) return [`${name} is in the cache, and gone from the server`];
    return [`${name} is in the cache at version ${ours}, and ${theirs} on the server`];
  });
}
