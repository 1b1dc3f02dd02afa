import type { LocalPool } from '../../../api/local-storage-node.schema.ts';
import type { PoolName } from '../../../api/names.ts';
import { growthExtents } from '../../../api/observed/index.ts';
import type { PoolEvent } from '../../../machines/index.ts';
import type { FoundDisk } from '../disk/discover-disks.ts';
import { type Owner, whose } from './pool-groups.ts';
import type { GroupSight } from './pool-status.ts';

/** What is known of one pool, or of a group that becomes one. */
export interface PoolFacts {
  readonly name: PoolName;
  readonly owner: Owner;
  /** LVM was asked, and answered. */
  readonly isSeen: boolean;
  /** Absent: the group is not there, or was not seen. */
  readonly seen: GroupSight | undefined;
  /** Another group has its name. */
  readonly isAmbiguous: boolean;
  readonly found: readonly FoundDisk[];
  /** The group is gone from disks that are there, and these volumes of it are wanted. */
  readonly lost: readonly string[] | undefined;
  /** What the status said last. */
  readonly before: LocalPool | undefined;
}

/**
 * What was seen of one pool, as the one event that says most.
 * @returns undefined for a group that nobody marked while LVM takes no change of it: it is no pool yet
 */
export function poolEvent({ owner, isSeen, seen, isAmbiguous, lost }: PoolFacts): PoolEvent | undefined {
  if (!isSeen) return { type: 'pool.unseen' };
  if (seen === undefined) return { type: lost === undefined ? 'group.gone' : 'group.lost' };
  const { group, disks, stale } = seen;
  const whoseGroup = whose(group, owner);
  const trouble = troubleOf(seen, isAmbiguous);
  if (trouble !== undefined) return whoseGroup === 'unmarked' ? undefined : trouble;
  if (stale.length > 0) return { type: 'volumes.stale', uuids: stale.map(({ uuid }) => uuid) };
  if (whoseGroup === 'unmarked') return { type: 'group.unmarked' };
  if (whoseGroup === 'untied') return { type: 'group.untied' };
  const grown = disks.find((disk) => growthExtents(disk, group) > 0);
  return grown === undefined ? { type: 'pool.whole' } : { type: 'disk.grown', uuid: grown.uuid };
}

/** Why LVM takes no change of a group. */
function troubleOf({ disks }: GroupSight, isAmbiguous: boolean): PoolEvent | undefined {
  if (disks.some(({ duplicate }) => duplicate)) return { type: 'disk.duplicate' };
  if (isAmbiguous) return { type: 'group.ambiguous' };
  const missing = disks.filter((disk) => disk.missing);
  const returned = missing.find(({ majorMinor }) => majorMinor !== undefined);
  if (returned !== undefined) return { type: 'disk.returned', uuid: returned.uuid };
  return missing.length > 0 ? { type: 'disk.missing' } : undefined;
}
