import { createHash } from 'node:crypto';
import type { BlockDevice } from '../../api/observed/index.ts';

/**
 * Kernel names of block devices that are never a bare disk: made by software, in memory, removable media, or what an
 * eMMC keeps beside its disk. Most of software's are `virtual`, too; where that is not known, the name tells.
 */
const notDisks = /^((loop|zram|nbd|rbd|dm-|md|drbd|sr|ram|fd|bcache|zd\d)|mmcblk\d+(boot|rpmb|gp))/;

/** The whole disks of a node, the kind that may become LocalDisks. */
export const bareDisks = (devices: readonly BlockDevice[]): BlockDevice[] =>
  devices.filter(({ type, kernelName, virtual }) => type === 'disk' && virtual !== true && !notDisks.test(kernelName));

/**
 * What tells a disk from every other, as far as the hardware says: its WWN, else its serial number; a disk that has
 * neither is known by where it is plugged in, on this node alone.
 */
export function identityOf(disk: BlockDevice, node: string): string {
  if (disk.wwn !== undefined && disk.wwn !== '') return `wwn:${disk.wwn}`;
  if (disk.serial !== undefined && disk.serial !== '')
    return ['serial', disk.vendor ?? '', disk.model ?? '', disk.serial].join(':');
  const byPath = disk.links.find((link) => link.startsWith('/dev/disk/by-path/'));
  return `path:${node}:${byPath ?? disk.path}`;
}

/**
 * Disks that share an identity or a serial number with another one of the same node, each with that other one: no one
 * can tell which is which after a replug.
 */
export function twinsAmong(disks: readonly BlockDevice[], node: string): Map<BlockDevice, BlockDevice> {
  const byIdentity = Map.groupBy(disks, (disk) => identityOf(disk, node));
  const bySerial = Map.groupBy(
    disks.filter((disk) => disk.serial !== undefined && disk.serial !== '' && !isNamespace(disk)),
    ({ serial }) => serial,
  );
  const groups = [...byIdentity.values(), ...bySerial.values()];
  return new Map(
    groups.flatMap((group) =>
      group.flatMap((disk) => group.filter((other) => other !== disk).map((other) => [disk, other] as const)),
    ),
  );
}

/** NVMe numbers the controller, not what is on it: all its namespaces have its serial number, each with a WWN of its own. */
const isNamespace = ({ kernelName, wwn }: BlockDevice): boolean =>
  kernelName.startsWith('nvme') && wwn !== undefined && wwn !== '';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** Short enough for a label value; equal for equal identities on whatever node. */
export const identityLabel = (identity: string): string => hash(identity);

/** Name of the LocalDisk of a disk whose identity is its own alone. */
export const diskName = (identity: string): string => `localdisk-${hash(identity)}`;

/** Name of the LocalDisk of a disk whose identity another one has too: node and path tell them apart. */
export const collidingDiskName = (identity: string, node: string, path: string): string =>
  `localdisk-${hash([identity, node, path].join('|'))}`;
