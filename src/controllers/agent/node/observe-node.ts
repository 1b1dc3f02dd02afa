import { type Refusal, refusalOf } from '@dot-kube/operator';
import type { NodeDrbd } from '../../../api/local-storage-node.schema.ts';
import { isPoolName } from '../../../api/names.ts';
import { CommandError, isCommandError } from '../../../node/errors.ts';
import type { LvmTools } from '../../../node/tools.ts';
import type { AgentContext } from '../context.ts';
import type { FoundDisk } from '../disk/discover-disks.ts';
import type { NodeSight } from './node-conditions.ts';
import type { PoolSight } from '../pool/pool-status.ts';

/** LVM is asked four times for one sight; as often until its answers agree. */
const looksThatAgree = 3;

/** All groups of the node with what stands on them, as of one moment where that can be had. */
export async function observePools(lvm: LvmTools, signal: AbortSignal): Promise<PoolSight> {
  let sight = await askLvm(lvm, signal);
  for (let looks = 1; looks < looksThatAgree && !isOfOneMoment(sight); looks++) sight = await askLvm(lvm, signal);
  return sight;
}

/** After a disk was pulled between two answers a pool would seem to have no disk or no volume, and to be whole. */
const isOfOneMoment = ({ groups, physicalVolumes, logicalVolumes }: PoolSight): boolean =>
  groups
    .filter(({ name }) => isPoolName(name))
    .every(({ uuid, physicalVolumeCount, missingPhysicalVolumeCount, logicalVolumeCount }) => {
      const disks = physicalVolumes.filter(({ volumeGroup }) => volumeGroup?.uuid === uuid);
      const count = (list: typeof disks): number => new Set(list.map((disk) => disk.uuid)).size;
      const hasVolumes = logicalVolumes.some(({ volumeGroup }) => volumeGroup.uuid === uuid);
      return (
        count(disks) === physicalVolumeCount &&
        count(disks.filter(({ missing }) => missing)) === missingPhysicalVolumeCount &&
        hasVolumes === logicalVolumeCount > 0
      );
    });

async function askLvm(lvm: LvmTools, signal: AbortSignal): Promise<PoolSight> {
  const groups = await lvm.volumeGroups(signal);
  const physicalVolumes = await lvm.physicalVolumes(signal);
  const logicalVolumes = await lvm.logicalVolumes(signal);
  return { groups, physicalVolumes, logicalVolumes, mappings: await lvm.mappings(signal) };
}

interface LvmLook {
  /** Absent: LVM could not be asked. */
  readonly sight: PoolSight | undefined;
  readonly refused: { refusal?: Refusal; lvmIsMissing?: boolean };
}

/** A host whose LVM can't be asked has disks all the same. */
export async function observeLvm({ tools }: AgentContext, signal: AbortSignal): Promise<LvmLook> {
  try {
    return { sight: await observePools(tools.lvm, signal), refused: {} };
  } catch (error) {
    if (!isCommandError(error) || signal.aborted) throw error;
    const lvmIsMissing = isCommandError(error, 'TOOL_MISSING');
    return { sight: undefined, refused: { refusal: refusalOf(error), lvmIsMissing } };
  }
}

/** What of the host disks and pools stand on. */
export async function observeHost(
  agent: AgentContext,
  found: readonly FoundDisk[],
  signal: AbortSignal,
): Promise<NodeSight> {
  const { os } = agent.tools;
  const drbd = await observeDrbd(agent, signal);
  const missing = found.find(({ probeError }) => isCommandError(probeError, 'TOOL_MISSING'))?.probeError;
  return {
    ...(missing === undefined ? {} : { refusal: refusalOf(missing) }),
    system: await os.release(signal),
    hasDeviceMapper: await os.loadDeviceMapper(signal),
    failing: found.flatMap(({ disk, device, report }) =>
      disk === undefined && report?.verdict === 'Failed' ? [device.path] : [],
    ),
    inUdevDatabase: found.map(({ device }) => device.inUdevDatabase),
    ...(drbd === undefined ? {} : { drbd }),
  };
}

/** A host whose DRBD can't be asked has pools all the same; undefined: no move goes there. */
async function observeDrbd({ tools: { drbd } }: AgentContext, signal: AbortSignal): Promise<NodeDrbd | undefined> {
  try {
    const { version } = await drbd.load(signal);
    const resources = await drbd.resources(signal);
    const files = await drbd.resourceFiles(signal);
    const minors = [...resources.flatMap(({ minor }) => minor ?? []), ...files.flatMap((file) => file.minors)];
    const ports = files.flatMap((file) => file.ports);
    return { ...(version === undefined ? {} : { version }), minors: numbersIn(minors), ports: numbersIn(ports) };
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

const numbersIn = (list: readonly number[]): number[] => [...new Set(list)].sort((a, b) => a - b);
