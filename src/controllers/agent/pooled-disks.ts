import type { LocalDisk } from '../../api/local-disk.schema.ts';
import { isPoolName } from '../../api/names.ts';
import type { AgentContext } from './context.ts';

/** Names of the LocalDisks that stand in the volume group of a pool now. */
export async function pooledDisks(
  { tools }: AgentContext,
  disks: readonly LocalDisk[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const physicalVolumes = await tools.lvm.physicalVolumes(signal);
  const devices = new Set(
    physicalVolumes.flatMap(({ device, volumeGroup }) =>
      volumeGroup !== undefined && isPoolName(volumeGroup.name) ? [device] : [],
    ),
  );
  return new Set(disks.flatMap(({ metadata, spec }) => (devices.has(spec.devicePath ?? '') ? [metadata.name] : [])));
}
