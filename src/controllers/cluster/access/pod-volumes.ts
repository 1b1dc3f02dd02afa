import { builtin, type Cache, index, type ObjectMeta, type PersistentVolume, type Pod } from '@dot-kube/operator';
import { csiDriverName } from '../../../api/names.ts';

const claimKey = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;

/** The claims that a pod names, as `namespace/name`. */
export const claimsOf = ({ metadata, spec }: Pod): string[] =>
  (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    const claim =
      persistentVolumeClaim?.claimName ?? (ephemeral === undefined ? undefined : `${metadata.name}-${name}`);
    return claim === undefined ? [] : [claimKey(metadata.namespace, claim)];
  });

/** The volume that a PersistentVolume stands for, if it is ours. */
export const volumeOf = ({ spec }: PersistentVolume): string | undefined =>
  spec?.csi?.driver === csiDriverName ? spec.csi.volumeHandle : undefined;

const podsNaming = index(builtin.Pod, claimsOf);
const persistentVolumesOf = index(builtin.PersistentVolume, (persistentVolume) => {
  const volume = volumeOf(persistentVolume);
  return volume === undefined ? [] : [volume];
});

/** It may still use its volumes, or begin to. */
export const isUnfinished = ({ status }: Pod): boolean => status?.phase !== 'Succeeded' && status?.phase !== 'Failed';

/** Our volumes that the claims of a pod are bound to. */
export function volumesOf(cache: Cache, pod: Pod): string[] {
  const found = claimsOf(pod).flatMap((key) => {
    const [namespace = '', name = ''] = key.split('/');
    const bound = cache.get(builtin.PersistentVolumeClaim, name, namespace)?.spec?.volumeName;
    const persistentVolume = bound === undefined ? undefined : cache.get(builtin.PersistentVolume, bound);
    const volume = persistentVolume && volumeOf(persistentVolume);
    return volume === undefined ? [] : [volume];
  });
  return [...new Set(found)];
}

/** Pods that name a claim. */
export const podsNamingClaim = (cache: Cache, { namespace, name }: ObjectMeta): readonly Pod[] =>
  cache.list(builtin.Pod, podsNaming(claimKey(namespace, name)));

/** PersistentVolumes that stand for a volume: one, as a rule. */
export const persistentVolumes = (cache: Cache, volume: string): readonly PersistentVolume[] =>
  cache.list(builtin.PersistentVolume, persistentVolumesOf(volume));

/** Whether a claim is bound to the volume, so that pods may come for it. */
export const isClaimed = (cache: Cache, volume: string): boolean => claimsBoundTo(cache, volume).length > 0;

/** Unfinished pods that name the claim of a volume, in the order of their names. */
export const podsOf = (cache: Cache, volume: string): readonly Pod[] =>
  claimsBoundTo(cache, volume)
    .flatMap((key) => cache.list(builtin.Pod, podsNaming(key)))
    .filter(isUnfinished)
    .sort((a, b) => (podName(a) < podName(b) ? -1 : 1));

export const podName = ({ metadata }: Pod): string => claimKey(metadata.namespace, metadata.name);

/** A PersistentVolume that was released keeps the name of its claim, which may be another one by now. */
const claimsBoundTo = (cache: Cache, volume: string): string[] =>
  persistentVolumes(cache, volume).flatMap(({ metadata, spec }) => {
    const { namespace = '', name = '' } = spec?.claimRef ?? {};
    const claim = cache.get(builtin.PersistentVolumeClaim, name, namespace);
    return claim?.spec?.volumeName === metadata.name ? [claimKey(namespace, name)] : [];
  });
