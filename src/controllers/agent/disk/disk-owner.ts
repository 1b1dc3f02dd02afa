import type { DiskOwner } from '../../../api/local-disk.schema.ts';
import { poolOwner } from '../claim/claim-match.ts';
import type { FoundDisk } from './discover-disks.ts';
import { type DiskVerdict, diskEvent } from './disk-verdict.ts';
import { holdsPhysicalVolume } from './lvm-use.ts';

/** Verdicts of a disk that others use, or left something on. */
const usedByOthers = [
  'ForeignGroup',
  'ForeignPool',
  'HasSignature',
  'InUse',
  'Mounted',
  'MultipathPath',
  'Partitioned',
  'PartitionType',
];

/** Who uses a disk, as it is seen; `unknown` while that is in doubt. */
export function ownerSeen({ device, partitions, lvm }: FoundDisk, verdict: DiskVerdict): DiskOwner | 'unknown' {
  // Whose a physical volume is, LVM alone can tell.
  if (lvm === undefined && [device, ...partitions].some(holdsPhysicalVolume)) return 'unknown';
  const isOurs = ({ path }: { path: string }): boolean => lvm?.get(path)?.kind === 'pool';
  if (['InPool', 'MovedPool'].includes(verdict.reason)) return poolOwner;
  if (verdict.reason === 'Partitioned' && partitions.length > 0 && partitions.every(isOurs)) return poolOwner;
  if (usedByOthers.includes(verdict.reason)) return 'system';
  return diskEvent(verdict).type === 'disk.unsure' ? 'unknown' : '';
}
