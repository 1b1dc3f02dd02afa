import type { BlockDevice, DeviceIdentity, DiskProbe, SignatureProbe } from '../../../src/api/observed/index.ts';
import type { DiskTools } from '../../../src/node/tools.ts';
import type { Content } from './content.ts';
import { pathOf, type SimulatedDisk } from './disk.ts';
import { type Machine, refuse } from './machine.ts';
import { mapperPath, sizeOf } from './state.ts';

export const simulatedDiskTools = (machine: Machine): Omit<DiskTools, 'content' | 'wipe'> => ({
  scan: (signal) =>
    machine.call(signal, () =>
      [
        ...machine.persistent.disks
          .filter(({ plugged }) => plugged)
          .flatMap((disk) => [deviceOf(machine, disk), ...standingOn(machine, disk)]),
        ...activeVolumes(machine),
      ].sort((a, b) => (a.kernelName < b.kernelName ? -1 : 1)),
    ),
  probe: (path, signal) =>
    machine.call(signal, () => {
      const disk = machine.persistent.disks.find((disk) => disk.plugged && pathOf(disk) === path);
      if (disk === undefined) return refuse('DEVICE_NOT_FOUND', `probe ${path}`);
      return probeDisk(machine, disk);
    }),
  selfReport: (path, signal) =>
    machine.call(signal, () => {
      const verdict = machine.persistent.disks.find((disk) => disk.plugged && pathOf(disk) === path)?.health;
      return { supported: verdict !== undefined, verdict: verdict ?? 'Unknown' };
    }),
  watch: (onChange, signal) =>
    new Promise((resolve) => {
      const stop = (): void => {
        machine.diskWatchers.delete(onChange);
        resolve();
      };
      if (signal.aborted) return resolve();
      machine.diskWatchers.add(onChange);
      signal.addEventListener('abort', stop, { once: true });
    }),
});

export function probeDisk(machine: Machine, disk: SimulatedDisk): DiskProbe {
  const busy = busyWith(machine, disk);
  return {
    ...probeContent(disk.content, disk.unreadable),
    ...(disk.unsure ? { ambivalent: true, blank: false } : {}),
    path: pathOf(disk),
    majorMinor: disk.majorMinor,
    sizeBytes: disk.sizeBytes,
    ...(busy === undefined ? {} : { busy }),
  };
}

/** The disk that was meant, by all that tells it from others. */
export function diskMeant(machine: Machine, wanted: DeviceIdentity, command: string): SimulatedDisk {
  const disk = machine.persistent.disks.find((disk) => disk.plugged && pathOf(disk) === wanted.path);
  if (disk === undefined) return refuse('DEVICE_NOT_FOUND', command);
  const same =
    disk.majorMinor === wanted.majorMinor &&
    disk.sizeBytes === wanted.sizeBytes &&
    (wanted.serial === undefined || wanted.serial === disk.serial) &&
    (wanted.wwn === undefined || wanted.wwn === disk.wwn) &&
    (wanted.partitionUuid === undefined || wanted.partitionUuid === disk.partition?.uuid) &&
    (wanted.partitionType === undefined || wanted.partitionType === disk.partition?.type);
  return same ? disk : refuse('DEVICE_CHANGED', command);
}

/** The disk that was meant, free and readable; its signatures are for the caller to judge. */
export function checkedDisk(machine: Machine, wanted: DeviceIdentity, command: string): SimulatedDisk {
  const disk = diskMeant(machine, wanted, command);
  const { busy, readable, signatures, ambivalent } = probeDisk(machine, disk);
  if (disk.readOnly) return refuse('DEVICE_IN_USE', command, 'it is read-only');
  if (busy !== undefined) return refuse('DEVICE_IN_USE', command, busy);
  if (!readable) return refuse('DEVICE_UNREADABLE', command);
  const foreign = signatures.filter(({ type }) => type !== 'LVM2_member');
  if (foreign.length > 0 || ambivalent || disk.physicalVolume?.used === true)
    return refuse('SIGNATURE_FOUND', command, signatures.map(({ type }) => type).join(', '));
  return disk;
}

export function probeContent(content: Content, unreadable: boolean): SignatureProbe {
  if (unreadable)
    return {
      readable: false,
      readError: 'Input/output error',
      signatures: [],
      ambivalent: false,
      edgesZero: false,
      blank: false,
    };
  const signatures = [...content.signatures];
  return {
    readable: true,
    signatures,
    ambivalent: signatures.length > 1,
    edgesZero: signatures.length === 0 && content.data === undefined && content.drbd === undefined,
    blank: signatures.length === 0,
  };
}

function busyWith(machine: Machine, disk: SimulatedDisk): string | undefined {
  if (disk.mountPoint !== undefined) return `mounted on ${disk.mountPoint}`;
  if (partitionsOf(machine, disk).length > 0) return 'partitioned';
  const holders = holdersOf(machine, disk);
  return holders.length > 0 ? `held by ${holders.join(', ')}` : undefined;
}

/** What stands on a disk and is no logical volume. */
function standingOn(machine: Machine, disk: SimulatedDisk): BlockDevice[] {
  const made = (kernelName: string, type: string): BlockDevice => ({
    path: `/dev/${kernelName}`,
    kernelName,
    majorMinor: '0:0',
    sizeBytes: disk.sizeBytes,
    type,
    readOnly: false,
    removable: false,
    rotational: disk.rotational,
    links: [],
    mountPoints: [],
    holders: [],
    parent: disk.kernelName,
    children: [],
    inUdevDatabase: machine.hasUdev,
  });
  const { heldBy } = disk;
  return heldBy === undefined ? [] : [made(holderName(disk), heldBy)];
}

export const partitionsOf = (machine: Machine, disk: SimulatedDisk): SimulatedDisk[] =>
  machine.persistent.disks.filter(({ partition }) => partition?.disk === disk);

const holderName = ({ kernelName, heldBy }: SimulatedDisk): string => `${heldBy}-${kernelName}`;

export function holdersOf(machine: Machine, disk: SimulatedDisk): string[] {
  const uuid = disk.physicalVolume?.uuid;
  const volumes = uuid === undefined ? [] : activeVolumes(machine, uuid).map(({ kernelName }) => kernelName);
  return disk.heldBy === undefined ? volumes : [holderName(disk), ...volumes];
}

/** Active logical volumes, all or those that stand on one physical volume. */
function activeVolumes(machine: Machine, onPhysicalVolume?: string): BlockDevice[] {
  const { groups, disks } = machine.persistent;
  return groups.flatMap((group) =>
    [...group.volumes.values()]
      .filter(({ uuid }) => machine.kernel.active.has(uuid))
      .filter(
        ({ segments }) =>
          onPhysicalVolume === undefined || segments.some(({ physicalVolume }) => physicalVolume === onPhysicalVolume),
      )
      .map((volume) => {
        const number = machine.kernel.active.get(volume.uuid);
        const below = disks.find(({ physicalVolume }) => physicalVolume?.uuid === volume.segments[0]?.physicalVolume);
        const fileSystem = volume.content.signatures[0]?.type;
        return {
          path: mapperPath(group, volume),
          kernelName: `dm-${number}`,
          majorMinor: `253:${number}`,
          sizeBytes: sizeOf(volume),
          type: 'lvm',
          readOnly: false,
          removable: false,
          rotational: below?.rotational ?? false,
          links: [],
          ...(fileSystem === undefined ? {} : { fileSystem }),
          mountPoints: [],
          holders: [],
          ...(below === undefined ? {} : { parent: below.kernelName }),
          children: [],
          inUdevDatabase: machine.hasUdev,
        };
      }),
  );
}

function deviceOf(machine: Machine, disk: SimulatedDisk): BlockDevice {
  const holders = holdersOf(machine, disk);
  const { partition } = disk;
  const [signature] = disk.content.signatures;
  const isTable = signature !== undefined && ['gpt', 'dos'].includes(signature.type);
  const table = partition === undefined ? (isTable ? signature.type : undefined) : 'gpt';
  const children = [...partitionsOf(machine, disk).map(({ kernelName }) => kernelName), ...holders].sort();
  const toldByUdev = {
    ...(disk.serial === undefined ? {} : { serial: disk.serial }),
    ...(disk.wwn === undefined ? {} : { wwn: disk.wwn }),
    links: linksOf(machine, disk),
    ...(table === undefined ? {} : { partitionTable: table }),
    ...(partition === undefined ? {} : { partitionType: partition.type, partitionUuid: partition.uuid }),
    ...(!isTable && signature !== undefined && !disk.unreadable ? { fileSystem: signature.type } : {}),
  };
  return {
    path: pathOf(disk),
    kernelName: disk.kernelName,
    majorMinor: disk.majorMinor,
    sizeBytes: disk.sizeBytes,
    type: partition === undefined ? 'disk' : 'part',
    readOnly: disk.readOnly,
    removable: disk.removable,
    rotational: disk.rotational,
    ...(disk.transport === '' ? {} : { transport: disk.transport }),
    links: [],
    ...(partition === undefined ? {} : { parent: partition.disk.kernelName }),
    mountPoints: disk.mountPoint === undefined ? [] : [disk.mountPoint],
    holders,
    children,
    inUdevDatabase: machine.hasUdev,
    ...(machine.hasUdev ? toldByUdev : {}),
  };
}

/** udev gives a link that two disks claim to one of them. */
function linksOf(machine: Machine, disk: SimulatedDisk): string[] {
  const owner = machine.persistent.disks.find(({ plugged, serial }) => plugged && serial === disk.serial);
  return disk.serial === undefined || owner !== disk ? [] : [`/dev/disk/by-id/${disk.transport}-${disk.serial}`];
}
