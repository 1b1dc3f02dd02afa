import type { BlockDevice, PhysicalVolume } from '../../api/observed/index.ts';
import { isPoolName } from '../../api/names.ts';
import { isOurPool, type Owner } from './pool-groups.ts';
import type { PoolSight } from './pool-status.ts';

/** What LVM has on one device; `group` is the name of its volume group. */
export interface LvmUse {
  readonly kind:
    /** A pool of ours has it. */
    | 'pool'
    /** A volume group of a pool's name that is not ours. */
    | 'foreignPool'
    /** Any other volume group. */
    | 'foreignGroup'
    /** A physical volume of no volume group, as an interrupted vgcreate leaves it. */
    | 'orphan';
  readonly group: string;
  readonly groupUuid: string;
  readonly pvUuid: string;
  /** Other devices that carry the same physical volume: byte copies, and nobody but a person knows of what. */
  readonly copies: readonly string[];
}

/** By device path, all that LVM has; undefined where LVM could not be asked. */
export type LvmUses = ReadonlyMap<string, LvmUse> | undefined;

export function lvmUses(sight: PoolSight | undefined, owner: Owner): LvmUses {
  if (sight === undefined) return undefined;
  const present = sight.physicalVolumes.filter(({ missing }) => !missing);
  return new Map(present.map((physical) => [physical.device, useOf(physical, present, sight, owner)]));
}

function useOf(
  { device, uuid, volumeGroup, duplicate }: PhysicalVolume,
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
    pvUuid: uuid,
    copies: duplicate ? others.map((other) => other.device).sort() : [],
  };
  if (volumeGroup === undefined) return { ...known, kind: 'orphan' };
  if (group !== undefined && isOurPool(group, owner)) return { ...known, kind: 'pool' };
  return { ...known, kind: isPoolName(name) ? 'foreignPool' : 'foreignGroup' };
}

/** The pool that misses a physical volume; undefined when none does, or nobody could ask. */
export const poolThatMisses = (
  sight: PoolSight | undefined,
  pvUUID: string | undefined,
  owner: Owner,
): string | undefined => {
  const missed = sight?.physicalVolumes.find(({ missing, uuid }) => missing && uuid === pvUUID);
  return sight?.groups.find((group) => group.uuid === missed?.volumeGroup?.uuid && isOurPool(group, owner))?.name;
};

/** udev saw a physical volume on it. */
export const holdsPhysicalVolume = ({ fileSystem }: BlockDevice): boolean => fileSystem === 'LVM2_member';
