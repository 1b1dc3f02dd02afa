import type { FoundDisk } from './discover-disks.ts';
import { isOfDisk } from './disk-identity.ts';
import { twinRemedy, twinWords } from './disk-verdict.ts';
import { listed } from '../words.ts';

/** Whether a disk can be told from every other one of the cluster, as its condition `Unique` tells. */
export interface DiskUniqueness {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/** @param twin where another disk of its identity is, in words */
export function uniquenessOf({ identity, device, lvm, pool }: FoundDisk, twin: string | undefined): DiskUniqueness {
  const kept = pool === undefined ? '' : ` Pool ${pool} keeps the disk, which it knows by its physical volume.`;
  const { copies = [], pvUuid } = lvm?.get(device.path) ?? {};
  if (copies.length > 0)
    return {
      status: 'False',
      reason: 'DuplicatePhysicalVolume',
      message: `${listed(copies)} carries the same physical volume, ${pvUuid}: a byte copy. LVM refuses every change of the group until one of them is unplugged.${kept}`,
    };
  if (twin !== undefined) return twinUniqueness(twin, kept);
  if (!isOfDisk(identity))
    return {
      status: 'True',
      reason: 'KnownByPlace',
      message: 'The disk tells neither WWN nor serial number: it is known by where it is plugged in.',
    };
  return {
    status: 'True',
    reason: 'OwnIdentity',
    message: 'No other disk of the cluster has its WWN, serial number or physical volume.',
  };
}

/** @param kept that a pool keeps the disk all the same, in words */
export const twinUniqueness = (twin: string, kept = ''): DiskUniqueness => ({
  status: 'False',
  reason: 'DuplicateIdentity',
  message: `${twinWords(twin)}${kept} ${twinRemedy}`,
});
