import type { LocalDisk, LocalDiskSpec } from '../../api/local-disk.schema.ts';
import type { PoolClass } from '../../api/names.ts';
import type { BlockDevice, DiskProbe } from '../../api/observed/index.ts';
import { poolOwner } from './claim-match.ts';

/** Label of a LocalDisk by which disks of one identity find each other, whatever node has them. */
export const identityLabelKey = 'hwameistor.io/disk-identity';

const classOf = ({ transport, kernelName, rotational }: BlockDevice): PoolClass =>
  transport === 'nvme' || kernelName.startsWith('nvme') ? 'NVMe' : rotational ? 'HDD' : 'SSD';

export interface DiskSight {
  readonly node: string;
  readonly device: BlockDevice;
  readonly partitions: readonly BlockDevice[];
  readonly probe: DiskProbe | undefined;
  readonly identity: string;
  readonly inPool: boolean;
}

/**
 * The spec of a LocalDisk as it is seen now. What people and claims set stays: type, owner, claim, reservation.
 */
export function diskSpec(sight: DiskSight, known: LocalDisk | undefined): LocalDiskSpec {
  const { node, device, partitions, identity, inPool } = sight;
  const [major = '', minor = ''] = device.majorMinor.split(':');
  const before = known?.spec;
  const contents = contentsOf(sight);
  const owner = before?.owner === undefined || before.owner === '' ? (inPool ? poolOwner : undefined) : before.owner;
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
  return {
    ...before,
    nodeName: node,
    uuid: identity.slice(0, 256),
    devicePath: device.path,
    ...(before?.devicePath === undefined || before.devicePath === device.path
      ? {}
      : { preDevicePath: before.devicePath }),
    devLinks: device.links.slice(0, 64),
    capacity: device.sizeBytes,
    partitioned: partitions.length > 0 || device.partitionTable !== undefined || contents.length > 0,
    partitionInfo: found.slice(0, 128),
    isRaid: false,
    diskAttributes: {
      ...attribute('vendor', device.vendor),
      ...attribute('modelName', device.model),
      ...attribute('serialNumber', device.serial),
      ...attribute('wwn', device.wwn),
      ...attribute('protocol', device.transport),
      devType: 'disk',
      type: before?.diskAttributes?.type ?? classOf(device),
    },
    state: 'Active',
    ...(owner === undefined ? {} : { owner }),
    major,
    minor,
  };
}

/** What stands on the disk itself; of a disk that was not read, what udev says. */
function contentsOf({ device, probe, inPool }: DiskSight): string[] {
  if (probe !== undefined) return probe.signatures.map(({ type }) => type);
  return inPool || device.fileSystem === undefined ? [] : [device.fileSystem];
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
