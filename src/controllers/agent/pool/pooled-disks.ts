import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import type { AgentContext } from '../context.ts';
import { isOurPool } from './pool-groups.ts';

/**
 * Pools of ours by the names of the LocalDisks whose physical volume stands in their volume groups now. A disk that came
 * in since the node was last looked at is known by its path alone, which counts while no other disk has that volume.
 */
export async function pooledDisks(
  agent: AgentContext,
  disks: readonly LocalDisk[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const groups = (await agent.tools.lvm.volumeGroups(signal)).filter((group) => isOurPool(group, agent));
  const ours = (await agent.tools.lvm.physicalVolumes(signal)).flatMap(({ uuid, device, volumeGroup }) => {
    const group = groups.find((group) => group.uuid === volumeGroup?.uuid);
    return group === undefined ? [] : [{ uuid, device, pool: group.name }];
  });
  const passports = new Set(disks.flatMap(({ spec }) => spec.pvUUID ?? []));
  const poolOf = ({ spec: { pvUUID, devicePath } }: LocalDisk): string | undefined =>
    ours.find(({ uuid, device }) =>
      pvUUID === undefined ? device === devicePath && !passports.has(uuid) : uuid === pvUUID,
    )?.pool;
  return new Map(
    disks.flatMap((disk) => {
      const pool = poolOf(disk);
      return pool === undefined ? [] : [[disk.metadata.name, pool] as const];
    }),
  );
}
