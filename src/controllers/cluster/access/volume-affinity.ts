import type { PersistentVolume } from '@dot-kube/operator';
import { volumeLabelKey } from '../../../api/names.ts';
import { volumeOf } from './pod-volumes.ts';

/** The affinity that lets pods go where the volume can be used, wherever that is. */
export const affinityOf = (volume: string) => ({
  required: {
    nodeSelectorTerms: [{ matchExpressions: [{ key: volumeLabelKey(volume), operator: 'In', values: ['replica'] }] }],
  },
});

/**
 * Whether pods can follow the volume: its affinity asks for our label and nothing else, or is not set, and can be yet. Any
 * other one can't be changed any more.
 */
export function isMovable(persistentVolume: PersistentVolume): boolean {
  const terms = persistentVolume.spec?.nodeAffinity?.required?.nodeSelectorTerms;
  const key = volumeLabelKey(volumeOf(persistentVolume) ?? '');
  return (
    terms === undefined ||
    terms.some(
      ({ matchExpressions = [], matchFields = [] }) =>
        matchFields.length === 0 && matchExpressions.length > 0 && matchExpressions.every((one) => one.key === key),
    )
  );
}
