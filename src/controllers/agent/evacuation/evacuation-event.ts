import type { DiskEvacuationState, LocalDisk } from '../../../api/local-disk.schema.ts';
import type { DiskEvacuationEvent } from '../../../machines/index.ts';
import type { Why } from '../../progress.ts';
import { blockerOf, ofGroup } from './evacuation-blocker.ts';
import { type EvacuationFacts, isMoving, type PooledDisk } from './evacuation-facts.ts';

/** What was seen of a disk that leaves its pool, or has to stay. */
export interface EvacuationSight {
  readonly event: DiskEvacuationEvent;
  /** What speaks against it, of `disk.refused`. */
  readonly blocker?: Why;
}

/** What was seen, as the one event that says most. */
export function evacuationSight(
  object: LocalDisk,
  facts: EvacuationFacts,
  saved: DiskEvacuationState,
  clusterId: string,
): EvacuationSight {
  const { ordered, reserved, place, deleted } = facts;
  const { kind } = place;
  const isOut = kind === 'out' || kind === 'blank';
  // Whether a person or this agent took it out: the order is carried out, or was.
  if (isOut && (saved === 'Removing' || saved === 'Removed' || (saved === 'Emptying' && ordered))) {
    if (!reserved) return seen('disk.unreserved');
    if (saved === 'Removed') return seen(ordered ? 'disk.unpooled' : 'disk.blank');
    return seen(kind === 'out' ? 'disk.labelled' : 'disk.blank');
  }
  if (kind === 'pooled') return ordered ? inPool(object, facts, place, saved, clusterId) : stopped(place, saved);
  if (kind === 'absent' && !deleted) return seen(ordered || saved === 'Removed' ? 'disk.absent' : 'stop.waiting');
  return seen(ordered ? 'disk.unpooled' : 'stop.clean');
}

const seen = (type: DiskEvacuationEvent['type']): EvacuationSight => ({ event: { type } });

/** The order stands, and the disk is in its pool. */
function inPool(
  object: LocalDisk,
  { restMs }: EvacuationFacts,
  pooled: PooledDisk,
  saved: DiskEvacuationState,
  clusterId: string,
): EvacuationSight {
  const hasBegun = saved !== 'Waiting' && saved !== 'Removed';
  const isOwnMove = hasBegun && isMoving(pooled);
  const blocker = isOwnMove ? ofGroup(pooled) : blockerOf(object, pooled, clusterId);
  if (blocker !== undefined) return { ...seen('disk.refused'), blocker };
  if (isOwnMove) return seen('move.begun');
  if (pooled.disk.allocatable) return seen('disk.open');
  if (pooled.extents.length === 0) return seen('disk.empty');
  return seen(restMs > 0 ? 'extents.resting' : 'extents.left');
}

/** Nobody wants the disk to leave; what was begun here, and that alone, is undone. */
function stopped(pooled: PooledDisk, saved: DiskEvacuationState): EvacuationSight {
  if (saved === 'Waiting' || saved === 'Removed') return seen('stop.clean');
  if (isMoving(pooled)) return seen('stop.moving');
  return seen(pooled.disk.allocatable ? 'stop.clean' : 'stop.closed');
}
