import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import { parseLogicalVolumeTags } from '../../../api/tags.ts';
import type { Why } from '../../progress.ts';
import { isMoving, openOthers, type PooledDisk, usedBytes } from './evacuation-facts.ts';
import { listed } from '../words.ts';

/** The first thing that speaks against emptying a disk of a pool, with what to do. */
export function blockerOf(object: LocalDisk, pooled: PooledDisk, clusterId: string): Why | undefined {
  return ofGroup(pooled) ?? ofVolumes(pooled, clusterId) ?? ofRoom(object, pooled);
}

/** What keeps lvm from any change of the group, or the disk from leaving it ever. */
export function ofGroup({ group, disk, others, extents }: PooledDisk): Why | undefined {
  const { name } = group;
  if ([disk, ...others].some(({ duplicate }) => duplicate))
    return {
      reason: 'DuplicateDisk',
      message: `Two devices carry the same physical volume of pool ${name}, so nothing can be moved. Unplug the copy, or give it new identifiers: vgimportclone -n NEWNAME DEVICE`,
    };
  if (group.missingPhysicalVolumeCount > 0)
    return {
      reason: 'PoolDegraded',
      message: `A disk of pool ${name} is missing, so lvm changes nothing in it. Plug it in again; what the pool lacks is shown by its LocalStorageNode.`,
    };
  if (others.length === 0 && extents.length === 0)
    return {
      reason: 'LastDisk',
      message: `${disk.device} is the only disk of pool ${name}, and nothing stands on it. A pool is removed by hand: vgremove ${name}; pvremove ${disk.device}. So that no claim takes the disk before: set spec.reserved of its LocalDisk to true.`,
    };
  if (others.length === 0)
    return {
      reason: 'OnlyDisk',
      message: `${disk.device} is the only disk of pool ${name}, so what stands on it has nowhere to go. Add a disk with a LocalDiskClaim, or drain the node to move its volumes to others.`,
    };
  return undefined;
}

/** What stands on the disk and is not moved. */
function ofVolumes(pooled: PooledDisk, clusterId: string): Why | undefined {
  const { disk, extents, volumes } = pooled;
  if (isMoving(pooled))
    return {
      reason: 'MovedByHand',
      message: `Somebody moves volumes off ${disk.device} already. It is waited for: see lvs -a -o +move_pv on the node.`,
    };
  if (extents.some(({ kind }) => kind === 'moving'))
    return {
      reason: 'MovedHere',
      message: `Volumes are just being moved onto ${disk.device}. It is waited for: see lvs -a -o +move_pv on the node.`,
    };
  const namesOf = (runs: typeof extents): string[] => [...new Set(runs.map(({ volume }) => volume.name))].sort();
  const parts = namesOf(extents.filter(({ kind }) => kind === 'other'));
  if (parts.length > 0)
    return {
      reason: 'NotMovable',
      message: `${listed(parts)} on ${disk.device}: stripes and parts of thin pools and mirrors are not moved. By hand: pvmove ${disk.device}`,
    };
  const ours = new Set(volumes.filter(({ tags }) => isOurs(tags, clusterId)).map(({ uuid }) => uuid));
  const foreign = namesOf(extents.filter(({ volume }) => !ours.has(volume.uuid)));
  if (foreign.length > 0)
    return {
      reason: 'ForeignVolume',
      message: `${listed(foreign)} on ${disk.device} carries no mark of this cluster, so it is left alone. Move it by hand: pvmove -n ${foreign[0]} ${disk.device}`,
    };
  return undefined;
}

const isOurs = (tags: readonly string[], clusterId: string): boolean =>
  parseLogicalVolumeTags(tags).tags.cluster === clusterId;

function ofRoom({ metadata }: LocalDisk, pooled: PooledDisk): Why | undefined {
  const needed = usedBytes(pooled);
  const free = openOthers(pooled).reduce((sum, { freeBytes }) => sum + freeBytes, 0);
  if (needed <= free) return undefined;
  return {
    reason: 'NoRoom',
    message: `What stands on ${pooled.disk.device} needs ${needed} bytes, and the other disks of pool ${pooled.group.name} that take volumes have ${free} bytes free. Add a disk with a LocalDiskClaim, or delete or move volumes. To keep the disk: kubectl label ld ${metadata.name} hwameistor.io/eviction-`,
  };
}
