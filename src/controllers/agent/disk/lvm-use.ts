import type { BlockDevice, PhysicalVolume } from '../../../api/observed/index.ts';
import { isPoolName } from '../../../api/names.ts';
import { parseVolumeGroupTags } from '../../../api/tags.ts';
import { isOurPool, type Owner, whose } from '../pool/pool-groups.ts';
import type { PoolSight } from '../pool/pool-status.ts';

/** What LVM has on one device; `group` is the name of its volume group. */
export interface LvmUse {
  readonly kind:
    /** A pool of ours has it. */
    | 'pool'
    /** A pool of another node of this cluster: the disk came from there. */
    | 'movedPool'
    /** A volume group of a pool's name that is not ours. */
    | 'foreignPool'
    /** Any other volume group. */
    | 'foreignGroup'
    /** A volume group that is described on disks alone that are away. */
    | 'awayGroup'
    /** A physical volume of no volume group, as an interrupted vgcreate leaves it. */
    | 'orphan';
  readonly group: string;
  readonly groupUuid: string;
  /** The node that the group is marked as the pool of. */
  readonly groupNode: string | undefined;
  readonly pvUuid: string;
  /** Other devices that carry the same physical volume: byte copies, and nobody but a person knows of what. */
  readonly copies: readonly string[];
}

/** By device path, all that LVM has; undefined where LVM could not be asked. */
export type LvmUses = ReadonlyMap<string, LvmUse> | undefined;

export function lvmUses(sight: PoolSight | undefined, owner: Owner): LvmUses {
  if (sight === undefined) return undefined;
  const present = sight.physicalVolumes.filter((physical) => !isGone(physical));
  return new Map(present.map((physical) => [physical.device, useOf(physical, present, sight, owner)]));
}

function useOf(
  { device, uuid, volumeGroup, groupAway, duplicate }: PhysicalVolume,
  present: readonly PhysicalVolume[],
  { groups }: PoolSight,
  owner: Owner,
): LvmUse {
  const group = groups.find((group) => group.uuid === volumeGroup?.uuid);
  const { name = '', uuid: groupUuid = '' } = volumeGroup ?? {};
  const others = present.filter((other) => other.uuid === uuid && other.device !== device);
  const known = {
    group: name,
    groupUuid,
    groupNode: group && parseVolumeGroupTags(group.tags).tags.node,
    pvUuid: uuid,
    copies: duplicate ? others.map((other) => other.device).sort() : [],
  };
  if (volumeGroup === undefined) return { ...known, kind: groupAway === true ? 'awayGroup' : 'orphan' };
  if (group !== undefined && isOurPool(group, owner)) return { ...known, kind: 'pool' };
  if (!isPoolName(name)) return { ...known, kind: 'foreignGroup' };
  return { ...known, kind: group !== undefined && whose(group, owner) === 'moved' ? 'movedPool' : 'foreignPool' };
}

/**
 * No device has it. One that came back is flagged as missing until it is taken back (`vgextend --restoremissing`), and is
 * there all the same.
 */
const isGone = ({ device }: PhysicalVolume): boolean => !device.startsWith('/');

/** Whether LVM waits for a physical volume. */
export const isMissedBy = ({ physicalVolumes }: PoolSight, pvUUID: string | undefined): boolean =>
  physicalVolumes.some((physical) => physical.uuid === pvUUID && isGone(physical));

/** The pool that misses a physical volume; undefined when none does, or nobody could ask. */
export const poolThatMisses = (
  sight: PoolSight | undefined,
  pvUUID: string | undefined,
  owner: Owner,
): string | undefined => {
  const missed = sight?.physicalVolumes.find((physical) => physical.uuid === pvUUID && isGone(physical));
  return sight?.groups.find((group) => group.uuid === missed?.volumeGroup?.uuid && isOurPool(group, owner))?.name;
};

/** udev saw a physical volume on it. */
export const holdsPhysicalVolume = ({ fileSystem }: BlockDevice): boolean => fileSystem === 'LVM2_member';
