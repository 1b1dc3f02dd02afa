import type { LocalDisk } from '../../api/local-disk.schema.ts';
import type { AgentContext } from './context.ts';
import { isOurPool } from './pool-status.ts';

/** Pools of ours by the names of the LocalDisks that stand in their volume groups now. */
export async function pooledDisks(
  { tools, cluster }: AgentContext,
  disks: readonly LocalDisk[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const groups = (await tools.lvm.volumeGroups(signal)).filter((group) => isOurPool(group, cluster.clusterId));
  const physicalVolumes = await tools.lvm.physicalVolumes(signal);
  const pools = new Map(
    physicalVolumes.flatMap(({ device, volumeGroup }) => {
      const group = groups.find(({ uuid }) => uuid === volumeGroup?.uuid);
      return group === undefined ? [] : [[device, group.name] as const];
    }),
  );
  return new Map(
    disks.flatMap(({ metadata, spec }) => {
      const pool = pools.get(spec.devicePath ?? '');
      return pool === undefined ? [] : [[metadata.name, pool] as const];
    }),
  );
}
