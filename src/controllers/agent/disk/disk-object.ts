import type { DiskOwner, LocalDisk, LocalDiskSpec } from '../../../api/local-disk.schema.ts';
import { ownerAnnotation, type PoolClass } from '../../../api/names.ts';
import type { BlockDevice, DiskProbe } from '../../../api/observed/index.ts';
import { keptIdentity } from './disk-passport.ts';
import type { ToldReport } from './disk-reports.ts';

/** Label of a LocalDisk by which disks of one identity find each other, whatever node has them. */
export const identityLabelKey = 'hwameistor.io/disk-identity';

const classOf = ({ transport, kernelName, rotational }: BlockDevice): PoolClass =>
  transport === 'nvme' || kernelName.startsWith('nvme') ? 'NVMe' : rotational ? 'HDD' : 'SSD';

export interface DiskSight {
  readonly node: string;
  readonly device: BlockDevice;
  /** The disk that a partition is on: what is asked of hardware is asked of it. */
  readonly disk: BlockDevice | undefined;
  readonly partitions: readonly BlockDevice[];
  readonly probe: DiskProbe | undefined;
  /** What stands on it or on a partition of it. */
  readonly holders: readonly BlockDevice[];
  /** Absent: it was not asked yet. */
  readonly report: ToldReport | undefined;
  readonly identity: string;
  /** False where LVM can't be asked. */
  readonly isLvmKnown: boolean;
  /** Of its physical volume in a pool of ours. */
  readonly pvUUID: string | undefined;
  /** Who uses it, as it is seen; `unknown` leaves what is known. */
  readonly owner: DiskOwner | 'unknown';
}

/** The owner of a LocalDisk, and what of it the node filled in: that follows what it sees. */
export function ownerOf(
  owner: DiskSight['owner'],
  known: LocalDisk | undefined,
): { readonly owner: DiskOwner; readonly filledIn: string | undefined } {
  const { owner: before = '' } = known?.spec ?? {};
  const filledIn = known?.metadata.annotations?.[ownerAnnotation];
  const isOfPerson = before !== '' && before !== filledIn;
  if (owner === 'unknown' || isOfPerson) return { owner: before, filledIn: isOfPerson ? undefined : filledIn };
  return { owner, filledIn: owner === '' ? undefined : owner };
}

/**
 * The spec of a LocalDisk as it is seen now. What people and claims set stays: type, owner, claim, reservation.
 */
export function diskSpec(sight: DiskSight, known: LocalDisk | undefined): LocalDiskSpec {
  const { node, device, disk = device, partitions, identity, report } = sight;
  const [major = '', minor = ''] = device.majorMinor.split(':');
  const before: Partial<LocalDiskSpec> = known?.spec ?? {};
  const { preNodeName, preDevicePath, pvUUID, owner: _owner, raidInfo: _raid, ...kept } = before;
  const contents = contentsOf(sight);
  const { owner } = ownerOf(sight.owner, known);
  const passport = sight.isLvmKnown ? sight.pvUUID : pvUUID;
  const isElsewhere = before.nodeName !== undefined && before.nodeName !== node;
  // Where it was before it came to where it is; a disk that is back in its place was nowhere else.
  const nodeBefore = isElsewhere ? before.nodeName : preNodeName;
  const pathBefore = before.devicePath ?? preDevicePath;
  const isBack = before.devicePath === undefined && !isElsewhere;
  const hasMoved = isElsewhere || pathBefore !== device.path;
  const placeBefore = hasMoved ? pathBefore : isBack ? undefined : preDevicePath;
  const found =
    partitions.length > 0
      ? partitions.map(partitionInfo)
      : contents.slice(0, 1).map((type) => ({
          path: device.path,
          hasFileSystem: true,
          filesystem: {
            fsType: type,
            ...(device.mountPoints[0] === undefined ? {} : { mountPoint: device.mountPoints[0] }),
          },
        }));
  const isPartition = disk !== device;
  return {
    ...kept,
    nodeName: node,
    ...(nodeBefore === undefined || nodeBefore === '' || nodeBefore === node ? {} : { preNodeName: nodeBefore }),
    uuid: keptIdentity(identity),
    ...(passport === undefined ? {} : { pvUUID: passport }),
    devicePath: device.path,
    ...(placeBefore === undefined ? {} : { preDevicePath: placeBefore }),
    devLinks: device.links.slice(0, 64),
    capacity: device.sizeBytes,
    partitioned: partitions.length > 0 || (!isPartition && device.partitionTable !== undefined) || contents.length > 0,
    partitionInfo: found.slice(0, 128),
    ...raidOf(sight),
    ...(report === undefined ? {} : { supportSmart: report.supported, smartInfo: { overallHealth: report.verdict } }),
    diskAttributes: {
      ...attribute('vendor', disk.vendor),
      ...attribute('modelName', disk.model),
      ...attribute('serialNumber', disk.serial),
      ...attribute('wwn', disk.wwn),
      ...attribute('protocol', disk.transport),
      ...(report === undefined ? toldBefore(before.diskAttributes) : told(report)),
      ...(isPartition ? attribute('partUUID', device.partitionUuid) : {}),
      devType: isPartition ? 'part' : 'disk',
      type: before.diskAttributes?.type ?? classOf(disk),
    },
    state: 'Active',
    ...(owner === '' ? {} : { owner }),
    major,
    minor,
  };
}

/**
 * The spec of a LocalDisk that is away. `nodeName` stays: an agent watches the objects of its node alone, so it would
 * neither tell any more that a pool misses the disk, nor know it again when it is back. Its path goes: by the next look
 * another disk may have it.
 */
export function absentSpec({ devicePath, ...spec }: LocalDiskSpec): LocalDiskSpec {
  return {
    ...spec,
    preNodeName: spec.nodeName,
    ...(devicePath === undefined ? {} : { preDevicePath: devicePath }),
    state: 'Inactive',
  };
}

/** The array of the kernel's own (md) that has the disk; `raidMaster` is absent while it does not run. */
function raidOf({ device, holders }: DiskSight): Pick<LocalDiskSpec, 'isRaid' | 'raidInfo'> {
  const own = holders.filter(({ kernelName }) => device.holders.includes(kernelName));
  const array = own.find(({ type }) => /^raid\d|^linear$/.test(type));
  if (array !== undefined) return { isRaid: true, raidInfo: { raidMaster: array.path } };
  return { isRaid: device.fileSystem === 'linux_raid_member' };
}

type Attributes = NonNullable<LocalDiskSpec['diskAttributes']>;

const told = ({ formFactor, rotationRate, pciVendorId, product }: ToldReport): Attributes => ({
  ...attribute('product', product),
  ...attribute('pciVendorID', pciVendorId),
  ...attribute('formFactor', formFactor?.slice(0, 64)),
  ...(rotationRate === undefined ? {} : { rotationRate }),
});

/** After a restart of the agent, until the disk is asked again. */
const toldBefore = ({ product, pciVendorID, formFactor, rotationRate }: Attributes = {}): Attributes => ({
  ...attribute('product', product),
  ...attribute('pciVendorID', pciVendorID),
  ...attribute('formFactor', formFactor),
  ...(rotationRate === undefined ? {} : { rotationRate }),
});

/** What stands on the disk itself; of a disk that was not read, what udev says. */
function contentsOf({ device, probe, pvUUID }: DiskSight): string[] {
  if (probe !== undefined) return probe.signatures.map(({ type }) => type);
  return pvUUID !== undefined || device.fileSystem === undefined ? [] : [device.fileSystem];
}

const attribute = (name: string, value: string | undefined): Record<string, string> =>
  value === undefined || value === '' ? {} : { [name]: value.slice(0, 256) };

const partitionInfo = ({ path, fileSystem, mountPoints }: BlockDevice) => ({
  path,
  hasFileSystem: fileSystem !== undefined,
  ...(fileSystem === undefined
    ? {}
    : { filesystem: { fsType: fileSystem, ...(mountPoints[0] === undefined ? {} : { mountPoint: mountPoints[0] }) } }),
});
