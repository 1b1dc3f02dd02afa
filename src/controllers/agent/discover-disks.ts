import type { LocalDisk } from '../../api/local-disk.schema.ts';
import { isPoolName } from '../../api/names.ts';
import type { BlockDevice, DiskProbe } from '../../api/observed/index.ts';
import { isCommandError } from '../../node/errors.ts';
import type { AgentContext } from './context.ts';
import { bareDisks, collidingDiskName, diskName, identityOf, twinsAmong } from './disk-identity.ts';
import { isOurPool } from './pool-groups.ts';
import type { PoolSight } from './pool-status.ts';

/** One disk of the node as it was found. */
export interface FoundDisk {
  readonly name: string;
  readonly identity: string;
  readonly device: BlockDevice;
  readonly partitions: readonly BlockDevice[];
  readonly mountPoints: readonly string[];
  /** What stands on the disk or a partition of it. */
  readonly holders: readonly BlockDevice[];
  /** Absent where the disk vanished between listing and probing, and where who uses it is known without reading it. */
  readonly probe: DiskProbe | undefined;
  /** Pool whose volume group has it. */
  readonly pool: string | undefined;
  /** Volume group of a pool's name that has it and is not ours. */
  readonly foreignGroup: string | undefined;
  /** Another disk of this node with the same identity. */
  readonly twin: string | undefined;
}

/**
 * Looks at all disks of the node. Disks of a pool are not read: LVM vouches for them. Nor are those in use, as the
 * system's own disk is: nothing on them would make them free, reading them costs six commands each time, and the open
 * for writing among these makes udev look at them each time, too.
 */
export async function discoverDisks(
  agent: AgentContext,
  known: readonly LocalDisk[],
  sight: PoolSight | undefined,
  signal: AbortSignal,
): Promise<FoundDisk[]> {
  const { node, tools } = agent;
  const { groups, physicalVolumes } = sight ?? { groups: [], physicalVolumes: [] };
  const devices = await tools.disks.scan(signal);
  const disks = bareDisks(devices);
  const twins = twinsAmong(disks, node);
  const found: FoundDisk[] = [];
  for (const device of disks) {
    const identity = identityOf(device, node);
    const groupUuid = physicalVolumes.find((physical) => physical.device === device.path)?.volumeGroup?.uuid;
    const group = groups.find(({ uuid, name }) => uuid === groupUuid && isPoolName(name));
    const isPooled = group !== undefined && isOurPool(group, agent);
    const below = descendants(device, devices);
    const mountPoints = [device, ...below].flatMap(({ mountPoints }) => mountPoints);
    const holders = below.filter(({ type }) => type !== 'part');
    const inUse = mountPoints.length > 0 || holders.length > 0;
    const twin = twins.get(device)?.path;
    found.push({
      name: nameOf({ device, identity, node, isTwin: twin !== undefined }, known),
      identity,
      device,
      partitions: below.filter(({ type }) => type === 'part'),
      mountPoints,
      holders,
      probe: isPooled || inUse ? undefined : await probe(tools, device.path, signal),
      pool: isPooled ? group.name : undefined,
      foreignGroup: isPooled ? undefined : group?.name,
      twin: twin === undefined ? undefined : `${twin} on ${node}`,
    });
  }
  return found;
}

async function probe(tools: AgentContext['tools'], path: string, signal: AbortSignal): Promise<DiskProbe | undefined> {
  try {
    return await tools.disks.probe(path, signal);
  } catch (error) {
    // Pulled out since it was listed, or hung: in doubt either way.
    if (isCommandError(error)) return undefined;
    throw error;
  }
}

/** Everything that stands on a device, at any depth. */
function descendants(device: BlockDevice, devices: readonly BlockDevice[]): BlockDevice[] {
  const children = devices.filter(
    ({ kernelName, parent }) => parent === device.kernelName || device.children.includes(kernelName),
  );
  return [...new Set(children.flatMap((child) => [child, ...descendants(child, devices)]))];
}

/** The name that the disk got at first sight, else a new one. */
function nameOf(
  { device, identity, node, isTwin }: { device: BlockDevice; identity: string; node: string; isTwin: boolean },
  known: readonly LocalDisk[],
): string {
  const same = known.filter(({ spec }) => spec.uuid === identity.slice(0, 256));
  const here = same.find(({ spec }) => spec.devicePath === device.path);
  if (here !== undefined) return here.metadata.name;
  const [only] = same;
  if (!isTwin && only !== undefined) return only.metadata.name;
  return isTwin ? collidingDiskName(identity, node, device.path) : diskName(identity);
}
