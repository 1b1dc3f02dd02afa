import type { EmittedEvent, PerformersOf } from '@dot-kube/operator';
import { volumeGroupTags } from '../../../api/tags.ts';
import type { EffectOf, poolMachine } from '../../../machines/index.ts';
import type { AgentContext } from '../context.ts';
import type { PoolFacts } from './pool-event.ts';
import { whose } from './pool-groups.ts';

interface PoolTask {
  readonly agent: AgentContext;
  readonly facts: PoolFacts;
  readonly emit: (event: EmittedEvent) => void;
  readonly signal: AbortSignal;
}

export const poolPerformers = ({ agent, facts: { name, seen }, emit, signal }: PoolTask) => {
  const { lvm } = agent.tools;
  const done = (reason: string, message: string): void => emit({ type: 'Normal', reason, message });
  const groupOf = () => {
    if (seen === undefined) throw new Error(`${name} was not observed`);
    return seen.group;
  };
  const deviceOf = (wanted: string): string => seen?.disks.find(({ uuid }) => uuid === wanted)?.device ?? wanted;
  return {
    mark: async () => {
      const volumeGroup = groupOf();
      const add = volumeGroupTags({ cluster: agent.cluster.clusterId, node: agent.node });
      const wasOurs = whose(volumeGroup, agent) === 'untied';
      await lvm.changeVolumeGroupTags({ volumeGroup, add }, signal);
      if (wasOurs)
        done('PoolAdopted', `Adopted volume group ${name} of this cluster, which no node had marked as its own.`);
      else done('PoolAdopted', `Adopted volume group ${name}, which was made by hand.`);
    },
    restoreDisk: async ({ uuid }) => {
      await lvm.restorePhysicalVolume({ volumeGroup: groupOf(), uuid }, signal);
      done('DiskRestored', `Took ${deviceOf(uuid)} back into ${name}.`);
    },
    refreshVolumes: async ({ uuids }) => {
      await lvm.refreshLogicalVolumes({ volumeGroup: groupOf(), uuids }, signal);
      done(
        'VolumesRefreshed',
        `Volumes of ${name} use the disk again that was away. A file system that was mounted on one of them meanwhile may have become read-only: restart its pod, so that it is mounted anew.`,
      );
    },
    growDisk: async ({ uuid }) => {
      await lvm.resizePhysicalVolume({ volumeGroup: groupOf(), uuid }, signal);
      done('PoolGrown', `${deviceOf(uuid)} grew, and ${name} with it.`);
    },
  } satisfies PerformersOf<EffectOf<typeof poolMachine>>;
};
