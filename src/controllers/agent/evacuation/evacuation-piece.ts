import type { PhysicalVolume, UsedExtents } from '../../../api/observed/index.ts';
import { openOthers, type PooledDisk } from './evacuation-facts.ts';

/**
 * As much is moved by one command: at 100 MB/s in ten seconds. For that time its volume can't be grown or removed, and
 * nobody looks whether the order still stands.
 */
export const mostPieceBytes = 1024 ** 3;

export interface Piece {
  readonly volume: UsedExtents['volume'];
  readonly first: number;
  readonly count: number;
  readonly to: PhysicalVolume;
}

/**
 * What is moved off a disk next. A volume goes to one disk where it can, best to one that has a part of it already: each
 * disk that it stands on is one more that can take it away.
 */
export function nextPiece(pooled: PooledDisk): Piece | undefined {
  const { extents, elsewhere, group } = pooled;
  const run = extents.find(({ kind }) => kind === 'plain');
  if (run === undefined) return undefined;
  const extentsOf = (runs: readonly UsedExtents[]): number =>
    runs.filter(({ volume }) => volume.uuid === run.volume.uuid).reduce((sum, { count }) => sum + count, 0);
  const whole = extentsOf(extents);
  const targets = openOthers(pooled)
    .map((disk) => ({
      disk,
      free: Math.floor(disk.freeBytes / group.extentSizeBytes),
      has: extentsOf(elsewhere.filter(({ physicalVolume }) => physicalVolume === disk.uuid)),
    }))
    .filter(({ free }) => free > 0)
    .sort((a, b) => Number(b.free >= whole) - Number(a.free >= whole) || b.has - a.has || b.free - a.free);
  const [best] = targets;
  if (best === undefined) return undefined;
  const most = Math.max(1, Math.floor(mostPieceBytes / group.extentSizeBytes));
  return {
    volume: run.volume,
    first: run.first,
    count: Math.min(run.count, most, best.free),
    to: best.disk,
  };
}
