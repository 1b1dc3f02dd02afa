import type { LocalDisk } from '../../api/local-disk.schema.ts';
import type { AgentContext } from './context.ts';
import { isOurPool } from './pool-groups.ts';

/**
 * Names of the LocalDisks whose physical volume stands in the volume group of a pool of ours now. A disk that came in
 * since the node was last looked at is known by its path alone, which counts while no other disk has that volume.
 */
export async function pooledDisks(
  agent: AgentContext,
  disks: readonly LocalDisk[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const groups = (await agent.tools.lvm.volumeGroups(signal)).filter((group) => isOurPool(group, agent));
  const ours = (await agent.tools.lvm.physicalVolumes(signal)).filter(({ volumeGroup }) =>
    groups.some(({ uuid }) => uuid === volumeGroup?.uuid),
  );
  const passports = new Set(disks.flatMap(({ spec }) => spec.pvUUID ?? []));
  const isPooled = ({ spec: { pvUUID, devicePath } }: LocalDisk): boolean =>
    ours.some(({ uuid, device }) =>
      pvUUID === undefined ? device === devicePath && !passports.has(uuid) : uuid === pvUUID,
    );
  return new Set(disks.filter(isPooled).map(({ metadata }) => metadata.name));
}
