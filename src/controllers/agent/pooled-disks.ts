import type { LocalDisk } from '../../api/local-disk.schema.ts';
import type { AgentContext } from './context.ts';
import { isOurPool } from './pool-groups.ts';

/** Names of the LocalDisks that stand in the volume group of a pool of ours now. */
export async function pooledDisks(
  agent: AgentContext,
  disks: readonly LocalDisk[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const groups = (await agent.tools.lvm.volumeGroups(signal)).filter((group) => isOurPool(group, agent));
  const physicalVolumes = await agent.tools.lvm.physicalVolumes(signal);
  const devices = new Set(
    physicalVolumes.flatMap(({ device, volumeGroup }) =>
      groups.some(({ uuid }) => uuid === volumeGroup?.uuid) ? [device] : [],
    ),
  );
  return new Set(disks.flatMap(({ metadata, spec }) => (devices.has(spec.devicePath ?? '') ? [metadata.name] : [])));
}
