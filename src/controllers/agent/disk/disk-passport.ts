import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import type { BlockDevice } from '../../../api/observed/index.ts';
import { isOfDisk, tellingNumber } from './disk-identity.ts';
import type { LvmUse } from './lvm-use.ts';

/** A device that was found, and of which it is to be said which LocalDisk it is. */
export interface Applicant {
  readonly device: BlockDevice;
  /** The disk itself, or the disk that the partition is on: who tells WWN and serial number. */
  readonly disk: BlockDevice;
  readonly identity: string;
  readonly lvm: LvmUse | undefined;
  /** Another disk of this node has the same identity. */
  readonly isTwin: boolean;
}

/** Whether LVM still waits for a physical volume; undefined where it could not be asked. */
export type IsMissed = ((pvUUID: string) => boolean) | undefined;

/**
 * Says which of the LocalDisks that are known of this node each device is. First by what was written on it when it became
 * ours, its physical volume: that stays whatever path, controller or serial number say now. Then by WWN, serial number
 * or place, in the order of `identityOf`; then by a serial number where the WWN is told since, or is no longer.
 * A device without the physical volume that a LocalDisk stands for is not that disk, however much the rest is alike: it
 * was exchanged, or wiped, and a pool misses it.
 */
export function recognise<A extends Applicant>(
  applicants: readonly A[],
  known: readonly LocalDisk[],
  isMissed: IsMissed,
): Map<A, LocalDisk> {
  const recognised = new Map<A, LocalDisk>();
  // Those that were there at the last look first: of two that one device could be, it is rather that.
  const disks = known.toSorted(
    (a, b) => Number(isActive(b)) - Number(isActive(a)) || (a.metadata.name < b.metadata.name ? -1 : 1),
  );
  const rules: ((applicant: A, disk: LocalDisk) => boolean)[] = [
    ({ lvm, identity }, { spec }) => isPassport(lvm, spec.pvUUID) && isSameIdentity(identity, spec.uuid),
    ({ lvm }, { spec }) => isPassport(lvm, spec.pvUUID) && lvm?.copies.length === 0,
    (applicant, disk) => isAlike(applicant, disk, isMissed) && disk.spec.devicePath === applicant.device.path,
    (applicant, disk) => isAlike(applicant, disk, isMissed) && !applicant.isTwin,
    (applicant, disk) => hasItsSerial(applicant, disk) && mayBe(applicant, disk, isMissed) && !applicant.isTwin,
  ];
  for (const rule of rules)
    for (const applicant of applicants) {
      if (recognised.has(applicant)) continue;
      const taken = new Set(recognised.values());
      const disk = disks.find((disk) => !taken.has(disk) && rule(applicant, disk));
      if (disk !== undefined) recognised.set(applicant, disk);
    }
  return recognised;
}

const isActive = ({ spec }: LocalDisk): boolean => spec.state !== 'Inactive';
const isPassport = (lvm: LvmUse | undefined, pvUUID: string | undefined): boolean =>
  lvm !== undefined && lvm.pvUuid === pvUUID;

/** As much of an identity as a LocalDisk keeps. */
export const keptIdentity = (identity: string): string => identity.slice(0, 256);
const isSameIdentity = (identity: string, uuid: string | undefined): boolean => keptIdentity(identity) === uuid;

/**
 * The same identity, and nothing that speaks against it. A disk that tells nothing of itself is known by place and size:
 * it may have grown, but never shrunk.
 */
function isAlike(applicant: Applicant, disk: LocalDisk, isMissed: IsMissed): boolean {
  const hasRoom = applicant.device.sizeBytes >= (disk.spec.capacity ?? 0);
  return (
    isSameIdentity(applicant.identity, disk.spec.uuid) &&
    (isOfDisk(applicant.identity) || hasRoom) &&
    mayBe(applicant, disk, isMissed)
  );
}

/**
 * Whether a device may be the disk that a LocalDisk stands for, whose physical volume it does not hold. One that LVM no
 * longer waits for was given up by a person (`vgreduce`, `vgremove`); of a disk that is known by its place alone nobody
 * could tell that from another disk in its place.
 */
export function mayBe({ identity, lvm }: Applicant, { spec: { pvUUID } }: LocalDisk, isMissed: IsMissed): boolean {
  if (pvUUID === undefined || isPassport(lvm, pvUUID) || isMissed === undefined) return true;
  return isOfDisk(identity) && !isMissed(pvUUID);
}

/** The same serial number of the same model, where not both tell a WWN. Of an NVMe's it is the controller's: its namespaces share it. */
function hasItsSerial({ device, disk }: Applicant, { spec: { diskAttributes: told = {} } }: LocalDisk): boolean {
  const serial = tellingNumber(disk.serial);
  const wwns = [tellingNumber(disk.wwn), tellingNumber(told.wwn)];
  return (
    serial !== undefined &&
    device.type === 'disk' &&
    told.devType !== 'part' &&
    !device.kernelName.startsWith('nvme') &&
    wwns.includes(undefined) &&
    [serial, disk.vendor ?? '', disk.model ?? ''].every(
      (word, index) => word.slice(0, 256) === ([told.serialNumber, told.vendor, told.modelName][index] ?? ''),
    )
  );
}
