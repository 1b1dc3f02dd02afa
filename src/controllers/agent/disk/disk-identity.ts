import { createHash } from 'node:crypto';
import type { BlockDevice } from '../../../api/observed/index.ts';
import { partitionNumber } from './partition-type.ts';

/**
 * Kernel names of block devices that are never a bare disk: made by software, in memory, removable media, or what an
 * eMMC keeps beside its disk. Most of software's are `virtual`, too; where that is not known, the name tells.
 */
const notDisks = /^((loop|zram|nbd|rbd|dm-|md|drbd|sr|ram|fd|bcache|zd\d)|mmcblk\d+(boot|rpmb|gp))/;

/** The whole disks of a node, the kind that may become LocalDisks. */
export const bareDisks = (devices: readonly BlockDevice[]): BlockDevice[] =>
  devices.filter(({ type, kernelName, virtual }) => type === 'disk' && virtual !== true && !notDisks.test(kernelName));

/** The partitions of a disk, in the order of their numbers. */
export const partitionsOf = (disk: BlockDevice, devices: readonly BlockDevice[]): BlockDevice[] =>
  devices
    .filter(({ type, parent }) => type === 'part' && parent === disk.kernelName)
    .sort((a, b) => (partitionNumber(a) ?? 0) - (partitionNumber(b) ?? 0));

/** What firmware says when it has nothing to say; every disk of that make says the same. */
const placeholder = /^(|n\/?a|none|null|unknown|invalid|default string|not specified|to be filled by o\.?e\.?m\.?)$/i;

/** A WWN or serial number that tells one disk from another; undefined for a placeholder, such as all zeros. */
export function tellingNumber(number: string | undefined): string | undefined {
  const plain = (number ?? '').trim().replace(/^(0x|eui\.|naa\.|uuid\.)/i, '');
  const characters = plain.replaceAll(/[-_:.\s]/g, '');
  const isOneCharacter = characters.length > 3 && new Set(characters.toLowerCase()).size === 1;
  return placeholder.test(plain) || /^0*$/.test(characters) || isOneCharacter ? undefined : number;
}

/** What an identity begins with that says where a disk is plugged in, and nothing of the disk. */
const placed = 'path:';

/** Whether an identity says of the disk itself which it is. */
export const isOfDisk = (identity: string): boolean => !identity.startsWith(placed);

/**
 * What tells a disk from every other, as far as the hardware says: its WWN, else its serial number; a disk that has
 * neither is known by where it is plugged in, on this node alone.
 */
export function identityOf(disk: BlockDevice, node: string): string {
  const [wwn, serial] = [tellingNumber(disk.wwn), tellingNumber(disk.serial)];
  if (wwn !== undefined) return `wwn:${wwn}`;
  if (serial !== undefined) return ['serial', disk.vendor ?? '', disk.model ?? '', serial].join(':');
  return placesOf(disk, node)[0] ?? '';
}

/** Every identity that a disk may have had while it told nothing of itself, or udev nothing of it; the best one first. */
export const placesOf = ({ links, path }: BlockDevice, node: string): string[] =>
  [...links.filter((link) => link.startsWith('/dev/disk/by-path/')), path].map((place) => `${placed}${node}:${place}`);

/**
 * What tells a partition from every other: its disk, and its number there, as the links in `/dev/disk/by-id` do. Its
 * PARTUUID tells less: whoever copies a table copies that too.
 */
export const partitionIdentity = (identityOfDisk: string, partition: BlockDevice): string =>
  `${identityOfDisk}-part${partitionNumber(partition) ?? partition.kernelName}`;

/** Whether an identity is that of a partition of that disk. */
export const isPartitionOf = (identityOfDisk: string, identity: string): boolean =>
  identity.startsWith(`${identityOfDisk}-part`);

/**
 * Disks that share an identity or a serial number with another one of the same node, each with that other one: no one
 * can tell which is which after a replug.
 */
export function twinsAmong(disks: readonly BlockDevice[], node: string): Map<BlockDevice, BlockDevice> {
  const byIdentity = Map.groupBy(disks, (disk) => identityOf(disk, node));
  const bySerial = Map.groupBy(
    disks.filter((disk) => tellingNumber(disk.serial) !== undefined && !isNamespace(disk)),
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
  kernelName.startsWith('nvme') && tellingNumber(wwn) !== undefined;

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** Short enough for a label value; equal for equal identities on whatever node. */
export const identityLabel = (identity: string): string => hash(identity);

/** Name of the LocalDisk of a disk whose identity is its own alone. */
export const diskName = (identity: string): string => `localdisk-${hash(identity)}`;

/**
 * Name of the LocalDisk of a disk whose identity another one has too: node and path tell them apart, and a count where
 * several came to that place one after the other.
 */
export const collidingDiskName = (identity: string, node: string, path: string, nth = 1): string =>
  `localdisk-${hash([identity, node, path, ...(nth === 1 ? [] : [nth])].join('|'))}`;
