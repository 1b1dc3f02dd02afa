import type { LogicalVolume } from '../../../api/observed/index.ts';
import type { LocalVolumeReplicaEvent } from '../../../machines/index.ts';
import { roundUpToExtent } from '../../../api/sizes.ts';
import {
  hasDrbd,
  isOlderCopy,
  isPublished,
  isWhole,
  type Marks,
  type ReplicaFacts,
  type ReplicaWish,
} from './replica-facts.ts';

/** What was seen of one replica, as the one event that says most; deletion goes first. */
export function replicaEvent(wish: ReplicaWish, facts: ReplicaFacts): LocalVolumeReplicaEvent {
  return { type: wish.deleted ? deletionEvent(wish, facts) : lifeEvent(wish, facts) };
}

type Type<Prefix extends string> = Extract<LocalVolumeReplicaEvent['type'], `${Prefix}.${string}`>;

function lifeEvent(wish: ReplicaWish, facts: ReplicaFacts): Type<'lv' | 'pool'> {
  const { group, data, metadata } = facts;
  if (group === undefined) return 'pool.missing';
  if (data === undefined) return absenceEvent(wish, facts);
  const { volume, marks } = data;
  if (!marks.ours) return isAdoptable(wish, volume, marks) ? 'lv.untagged' : 'lv.foreign';
  if (isOlderCopy(wish, facts)) return 'lv.foreign';
  if (volume.health !== '' || facts.isHurt) return 'lv.unhealthy';
  if (!volume.active || metadata?.volume.active === false) return 'lv.inactive';
  if (volume.sizeBytes < wish.sizeBytes) return 'lv.undersized';
  const isFilling = wish.pair?.role === 'target' && wish.pair.phase === 'Pair';
  return isFilling && !isWhole(facts) ? 'lv.unsynced' : 'lv.matched';
}

/** Whether a logical volume that is not there was there before: then it is never made again. */
function absenceEvent({ node, pair, found }: ReplicaWish, { record }: ReplicaFacts): Type<'lv'> {
  if (found) return 'lv.vanished';
  if (record === undefined || record.closed) return 'lv.missing';
  if (record.inSync.some((member) => member.node === node)) return 'lv.vanished';
  return pair?.role === 'target' ? 'lv.missing' : 'lv.unrecorded';
}

/** The target of a move is overwritten, so what stands there already is never taken for it. */
const isAdoptable = (wish: ReplicaWish, volume: LogicalVolume, { unmarked }: Marks): boolean =>
  unmarked && wish.pair?.role !== 'target' && volume.sizeBytes === roundUpToExtent(wish.sizeBytes);

function deletionEvent(wish: ReplicaWish, facts: ReplicaFacts): Type<'delete'> {
  const { group, data, resource } = facts;
  if (group === undefined) return wish.begun ? 'delete.waiting' : 'delete.clean';
  if (data?.marks.ours === true) {
    if (data.volume.open && resource === undefined) return 'delete.open';
    if (isPublished(wish, facts)) return 'delete.open';
    if (!data.marks.deleting) return 'delete.unmarked';
  }
  if (hasDrbd(facts)) return 'delete.paired';
  return data?.marks.ours === true ? 'delete.lv' : 'delete.clean';
}
