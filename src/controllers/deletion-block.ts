import type { KubernetesObject } from '@dot-kube/operator';
import { releaseAnnotation } from '../api/names.ts';
import type { Condition } from '../api/conditions.ts';
import { type Why, withCondition } from './progress.ts';

/** An object that stands for data is being deleted without its tombstone; its finalizer holds it. */
export interface DeletionBlock {
  /** A person gave the object up: it may go, its data stay. */
  readonly released: boolean;
  readonly why: Why;
}

/** A person gave the object up by its own name: it may go, whatever stands on its node. */
export const isReleased = ({ metadata }: KubernetesObject): boolean =>
  metadata.annotations?.[releaseAnnotation] === metadata.name;

/** What a deletion without tombstone means for an object; undefined when there is none. */
export function deletionBlockOf(object: KubernetesObject & { spec: { delete?: boolean } }): DeletionBlock | undefined {
  const { name, deletionTimestamp } = object.metadata;
  if (deletionTimestamp === undefined || object.spec.delete === true) return undefined;
  return {
    released: isReleased(object),
    why: {
      reason: 'NoTombstone',
      message:
        'The object was deleted without an order to delete its data, so both stay. ' +
        `Set spec.delete: true to delete the data too, or annotate ${releaseAnnotation}=${name} to let only the object go.`,
    },
  };
}

/** Conditions that tell of what keeps an object from going, if something does. */
export const withBlock = (
  conditions: Condition[],
  why: Why | undefined,
  times: { nowMs: number; generation: number | undefined },
): Condition[] =>
  why === undefined
    ? conditions
    : withCondition(conditions, { type: 'DeletionBlocked', status: 'True', ...why }, times);

/** A replica has its tombstone, and its volume still counts on this copy. */
export const inSyncCopyBlock = (volume: string): Why => ({
  reason: 'InSyncCopy',
  message:
    'The replica was ordered to be deleted, but its volume is wanted and counts on this copy, so it stays. ' +
    `To delete the volume: kubectl patch lv ${volume} --type merge -p '{"spec":{"delete":true}}'; to have it elsewhere, ` +
    'move it with a LocalVolumeMigrate.',
});

/** A replica has its tombstone, and its volume was handed over to a copy that was not seen whole since. */
export const sourceOfMoveBlock: Why = {
  reason: 'SourceOfMove',
  message:
    'The replica was ordered to be deleted while its volume moves away. It stays until the other copy was seen whole ' +
    'since the volume was handed over, and goes by itself then. See the LocalVolumeMigrate for what it waits for.',
};
