import type { BlockDevice } from '../../../api/observed/index.ts';

/** As `sfdisk --part-type` takes it, by kind of table. */
const linuxLvm: Readonly<Record<string, string>> = { gpt: 'E6D6D379-F507-44C2-A23C-238F2A3DF928', dos: '8e' };

/** Partitions that may be had when nothing is on them: `Linux filesystem` and `Linux LVM`. */
const forStorage: Readonly<Record<string, readonly string[]>> = {
  gpt: ['0fc63daf-8483-4772-8e79-3d69d8477de4', 'e6d6d379-f507-44c2-a23c-238f2a3df928'],
  dos: ['0x83', '0x8e'],
};

/**
 * What a boot loader, the firmware or another system keeps for itself. Often there is no signature on it: a BIOS boot
 * partition is GRUB's own code and nothing else.
 */
const keptTypes: Readonly<Record<string, string>> = {
  '21686148-6449-6e6f-744e-656564454649': 'BIOS boot',
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b': 'EFI System',
  '9e1a2d38-c612-4316-aa26-8b49521e5a8b': 'PowerPC PReP boot',
  'bc13c2ff-59e6-4262-a352-b275fd6f7172': 'Linux extended boot',
  'e3c9e316-0b5c-4db8-817d-f92df00215ae': 'Microsoft reserved',
  'de94bba4-06d1-4d40-a16a-bfd50179d6ac': 'Windows recovery environment',
  '8da63339-0007-60c0-c436-083ac8230908': 'Linux reserved',
  'fe3a2a5d-4f32-41a7-b725-accc3285a309': 'ChromeOS kernel',
  '0xef': 'EFI System',
  '0x41': 'PowerPC PReP boot',
  '0x27': 'Windows recovery environment',
  '0xee': 'GPT protective',
};

/** On dos tables: the box that the logical partitions stand in. */
const extendedTypes: Readonly<Record<string, string>> = {
  '0x5': 'Extended',
  '0xf': 'W95 extended',
  '0x85': 'Linux extended',
};

/** Made for somebody else, who may have left no signature on it, as Ceph's journal has none. */
const otherTypes: Readonly<Record<string, string>> = {
  'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7': 'Microsoft basic data',
  '0657fd6d-a4ab-43c4-84e5-0933c84b4f4f': 'Linux swap',
  'a19d880f-05fc-4d3b-a006-743f0f84911e': 'Linux RAID',
  'ca7d7ccb-63ed-4c53-861c-1742536059cc': 'Linux LUKS',
  '4f68bce3-e8cd-4db1-96e7-fbcaf984b709': 'Linux root (x86-64)',
  'b921b045-1df0-41c3-af44-4c6f280d3fae': 'Linux root (ARM64)',
  '933ac7e1-2eb4-4f13-b844-0e14e2aef915': 'Linux home',
  '3b8f8425-20e0-4f3b-907f-1a25a76f98e8': 'Linux server data',
  '6a898cc3-1dd2-11b2-99a6-080020736631': 'ZFS',
  '6a945a3b-1dd2-11b2-99a6-080020736631': 'Solaris reserved',
  '4fbd7e29-9d25-41b8-afd0-062c0ceff05d': 'Ceph OSD',
  '89c57f98-2fe5-4dc0-89c1-f3ad0ceff2be': 'Ceph disk in creation',
  '45b0969e-9b03-4f30-b4c6-b4b80ceff106': 'Ceph journal',
  'cafecafe-9b03-4f30-b4c6-b4b80ceff106': 'Ceph block',
  '30cd0809-c2b2-499c-8879-2d6b78529876': 'Ceph block DB',
  '5ce17fce-4087-4169-b7ff-056cc58473f9': 'Ceph block write-ahead log',
  '0x82': 'Linux swap',
  '0xfd': 'Linux raid autodetect',
  '0xda': 'Non-FS data',
  '0x7': 'HPFS/NTFS/exFAT',
  '0xb': 'W95 FAT32',
  '0xc': 'W95 FAT32 (LBA)',
  '0xa5': 'FreeBSD',
  '0xbf': 'Solaris',
};

/** The number of a partition in its table, as its device is named; undefined for what is no partition. */
export const partitionNumber = ({ type, kernelName }: BlockDevice): number | undefined => {
  const digits = type === 'part' ? /\d+$/.exec(kernelName)?.[0] : undefined;
  return digits === undefined ? undefined : Number(digits);
};

/**
 * Why a partition is not to be had for what its table says it is for, whatever is on it; undefined when that is storage.
 * The tables of mainframes (`dasd`) tell no types: there only what is on a partition counts.
 */
export function partitionRefusal(partition: BlockDevice, disk: BlockDevice): string | undefined {
  const table = disk.partitionTable ?? partition.partitionTable ?? 'unknown';
  const type = partition.partitionType;
  if (table === 'dasd') return undefined;
  if (type === undefined)
    return `Nobody tells what the partition is for: its table (${table}) names no type, or udev does not know it yet. Use a partition of a gpt or dos table.`;
  if (forStorage[table]?.includes(type) === true) return undefined;
  const extended = extendedTypes[type];
  if (extended !== undefined)
    return `The partition is of type ${extended}: it only holds the logical partitions of ${disk.path}. Leave it alone, and use one of these.`;
  const kept = keptTypes[type];
  if (kept !== undefined)
    return `The partition is of type ${kept}: a boot loader, the firmware or another system keeps such for itself, though nothing may be found on it. Leave it alone.`;
  const meant = `The partition is of type ${otherTypes[type] ?? type}, and so meant for something else, though nothing may be found on it.`;
  const lvm = linuxLvm[table];
  return lvm === undefined
    ? `${meant} Use a partition of a gpt or dos table.`
    : `${meant} If its content may go: sfdisk --part-type ${disk.path} ${partitionNumber(partition)} ${lvm}`;
}
