import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import type { BlockDevice, DiskProbe } from '../../../api/observed/index.ts';
import { type CommandError, isCommandError } from '../../../node/errors.ts';
import type { AgentContext } from '../context.ts';
import { bareDisks, identityOf, partitionIdentity, partitionsOf, twinsAmong } from './disk-identity.ts';
import { type IsMissed, recognise } from './disk-passport.ts';
import type { WholeDisk } from './disk-verdict.ts';
import type { ReportOf, ToldReport } from './disk-reports.ts';
import { isMissedBy, type LvmUse, type LvmUses, lvmUses } from './lvm-use.ts';
import { partitionRefusal } from './partition-type.ts';
import type { PoolSight } from '../pool/pool-status.ts';

/** One disk of the node, or one partition, as it was found. */
export interface FoundDisk {
  /** Which LocalDisk it is; undefined: none that this node shows. */
  readonly known: LocalDisk | undefined;
  readonly identity: string;
  /** Of the disk that a partition is on; the same as `identity` for a disk. */
  readonly identityOfDisk: string;
  readonly device: BlockDevice;
  /** The disk that a partition is on. */
  readonly disk: WholeDisk | undefined;
  readonly partitions: readonly BlockDevice[];
  /** Of the disk and what stands on it, but for its partitions that a pool has. */
  readonly mountPoints: readonly string[];
  /** What stands on the disk or a partition of it, but for its partitions that a pool has. */
  readonly holders: readonly BlockDevice[];
  /** Absent where the disk vanished between listing and probing, and where who uses it is known without reading it. */
  readonly probe: DiskProbe | undefined;
  /** Why it could not be read. */
  readonly probeError: CommandError | undefined;
  /** What the disk told of itself, for a partition its disk; absent: it was not asked yet. */
  readonly report: ToldReport | undefined;
  /** What LVM has on the disks of the node. */
  readonly lvm: LvmUses;
  /** Pool whose volume group has it. */
  readonly pool: string | undefined;
  /** Another disk of this node with the same identity, or that its disk has such a one. */
  readonly twin: string | undefined;
}

interface Standing {
  readonly device: BlockDevice;
  /** The disk itself, for a disk. */
  readonly disk: BlockDevice;
  readonly identity: string;
  readonly identityOfDisk: string;
  readonly lvm: LvmUse | undefined;
  readonly twin: BlockDevice | undefined;
  readonly isTwin: boolean;
}

/**
 * Looks at all disks of the node and their partitions. Disks of a pool are not read: LVM vouches for them. Nor are those
 * in use, as the system's own disk is, those that have partitions, or partitions that are meant for something else:
 * nothing on them would make them free, and reading them costs six commands each time.
 * @param sight undefined where LVM could not be asked, as where it is not installed
 * @param ask asks disks what they tell of themselves
 */
export async function discoverDisks(
  agent: AgentContext,
  known: readonly LocalDisk[],
  sight: PoolSight | undefined,
  ask: (disks: readonly BlockDevice[]) => Promise<ReportOf>,
  signal: AbortSignal,
): Promise<FoundDisk[]> {
  const { node, tools } = agent;
  const devices = await tools.disks.scan(signal);
  const lvm = lvmUses(sight, agent);
  const standing = standingOn(devices, lvm, node);
  const reportOf = await ask(bareDisks(devices));
  const recognised = recognise(standing, known, missedIn(sight));
  const found: FoundDisk[] = [];
  for (const one of standing) {
    const { device, disk, identity, twin } = one;
    const isPartition = device !== disk;
    const partitions = isPartition ? [] : partitionsOf(device, devices);
    const below = descendants(device, devices, lvm);
    const mountPoints = [device, ...below].flatMap(({ mountPoints }) => mountPoints);
    const holders = below.filter(({ type }) => type !== 'part');
    const self = recognised.get(one);
    const pool = poolOf(one, self);
    const isMeantForUs = !isPartition || partitionRefusal(device, disk) === undefined;
    const isRead =
      (one.lvm === undefined || one.lvm.kind === 'orphan') &&
      isMeantForUs &&
      [mountPoints, holders, partitions].every((users) => users.length === 0);
    found.push({
      known: self,
      identity,
      identityOfDisk: one.identityOfDisk,
      device,
      disk: isPartition ? { device: disk, holders: holdersOf(disk, devices) } : undefined,
      partitions,
      mountPoints,
      holders,
      ...(isRead ? await probe(tools, device.path, signal) : unread),
      report: remembered(reportOf(disk), self),
      lvm,
      pool,
      twin: twin === undefined ? undefined : `${twin.path} on ${node}`,
    });
  }
  return found;
}

/** Every whole disk, each followed by its partitions. */
function standingOn(devices: readonly BlockDevice[], lvm: LvmUses, node: string): Standing[] {
  const disks = bareDisks(devices);
  const twins = twinsAmong(disks, node);
  return disks.flatMap((disk) => {
    const twin = twins.get(disk);
    const identityOfDisk = identityOf(disk, node);
    const stand = (device: BlockDevice, identity: string): Standing => ({
      device,
      disk,
      identity,
      identityOfDisk,
      lvm: lvm?.get(device.path),
      twin,
      isTwin: twin !== undefined,
    });
    const partitions = partitionsOf(disk, devices).map((part) => stand(part, partitionIdentity(identityOfDisk, part)));
    return [stand(disk, identityOfDisk), ...partitions];
  });
}

const missedIn = (sight: PoolSight | undefined): IsMissed => sight && ((pvUUID) => isMissedBy(sight, pvUUID));

/** Of several byte copies only the one that is known as the pool's. */
function poolOf({ lvm }: Standing, self: LocalDisk | undefined): string | undefined {
  if (lvm?.kind !== 'pool') return undefined;
  return lvm.copies.length === 0 || self?.spec.pvUUID === lvm.pvUuid ? lvm.group : undefined;
}

const unread = { probe: undefined, probeError: undefined };

async function probe(
  tools: AgentContext['tools'],
  path: string,
  signal: AbortSignal,
): Promise<Pick<FoundDisk, 'probe' | 'probeError'>> {
  try {
    return { ...unread, probe: await tools.disks.probe(path, signal) };
  } catch (error) {
    // Pulled out since it was listed, hung, or nothing there to read it with: in doubt whichever it is.
    if (isCommandError(error) && !signal.aborted) return { ...unread, probeError: error };
    throw error;
  }
}

/** A disk that said that it is failing, and says nothing now, as one that sleeps, is no better for that. */
function remembered(report: ToldReport | undefined, known: LocalDisk | undefined): ToldReport | undefined {
  const didFail = report?.verdict === 'Unknown' && known?.spec.smartInfo?.overallHealth === 'Failed';
  return didFail ? { ...report, supported: true, verdict: 'Failed' } : report;
}

/** Everything that stands on a device, at any depth; of a disk's partitions that a pool has, nothing. */
function descendants(device: BlockDevice, devices: readonly BlockDevice[], lvm: LvmUses): BlockDevice[] {
  const children = devices.filter(
    ({ kernelName, parent }) => parent === device.kernelName || device.children.includes(kernelName),
  );
  const ours = ({ type, path }: BlockDevice): boolean => type === 'part' && lvm?.get(path)?.kind === 'pool';
  const others = children.filter((child) => !ours(child));
  return [...new Set(others.flatMap((child) => [child, ...descendants(child, devices, lvm)]))];
}

const holdersOf = ({ holders }: BlockDevice, devices: readonly BlockDevice[]): BlockDevice[] =>
  devices.filter(({ kernelName }) => holders.includes(kernelName));
