import { type Client, gone, type PerformersOf } from '@dot-kube/operator';
import type { LocalVolumeReplica } from '../../../api/local-volume-replica.schema.ts';
import { LocalVolume } from '../../../api/local-volume.schema.ts';
import type { VolumeGroup } from '../../../api/observed/index.ts';
import { type LogicalVolumeTags, logicalVolumeTagChanges, logicalVolumeTags } from '../../../api/tags.ts';
import { contentTags } from '../../../api/volume-content.ts';
import type { localVolumeReplicaMachine, EffectOf } from '../../../machines/index.ts';
import type { AgentContext } from '../context.ts';
import type { ReplicaFacts } from './replica-facts.ts';

export interface ReplicaTask {
  readonly agent: AgentContext;
  readonly client: Client;
  readonly replica: LocalVolumeReplica;
  readonly facts: ReplicaFacts;
  readonly signal: AbortSignal;
}

/** Tags by which a logical volume is known as this replica's; a removal asks for all of them. */
export function ownTags({ agent, replica }: ReplicaTask, role: LogicalVolumeTags['role']): [string, ...string[]] {
  const { volumeId } = replica.spec;
  if (volumeId === undefined) throw new Error(`LocalVolumeReplica ${replica.metadata.name} has no spec.volumeId`);
  const [first = '', ...rest] = logicalVolumeTags({ cluster: agent.cluster.clusterId, volume: volumeId, role });
  return [first, ...rest];
}

/** The volume group that was observed; effects are asked for only where there is one. */
export function groupOf({ facts, replica }: ReplicaTask): VolumeGroup {
  if (facts.group === undefined) throw new Error(`${replica.spec.poolName} was not observed`);
  return facts.group;
}

/** Changes facts in the tags of the data volume, in one command. */
export async function tagData(
  task: ReplicaTask,
  said: Partial<Record<keyof LogicalVolumeTags, unknown>>,
): Promise<void> {
  const { agent, facts, replica, signal } = task;
  if (facts.data === undefined) throw new Error(`${replica.spec.volumeName} was not observed`);
  const { name, uuid, tags } = facts.data.volume;
  const change = logicalVolumeTagChanges(tags, said as Partial<LogicalVolumeTags>);
  await agent.tools.lvm.changeLogicalVolumeTags({ volumeGroup: groupOf(task), name, uuid, ...change }, signal);
}

/** What of the volume's own object could not be made anew without these tags. */
async function wantedFor({ client, replica, signal }: ReplicaTask): Promise<Partial<LogicalVolumeTags>> {
  const volume = await client.get(LocalVolume, replica.spec.volumeName, { signal });
  if (volume === undefined) return {};
  const { pvcNamespace, pvcName, replicaNumber } = volume.spec;
  return {
    replicas: replicaNumber,
    ...(pvcNamespace === undefined || pvcName === undefined ? {} : { claim: `${pvcNamespace}/${pvcName}` }),
  };
}

export const replicaPerformers = (task: ReplicaTask) => {
  const { agent, replica, facts, signal } = task;
  const { lvm } = agent.tools;
  const { volumeName, volumeId, nodeName, requiredCapacityBytes, content, pair } = replica.spec;
  return {
    createLogicalVolume: async () => {
      const group = groupOf(task);
      // The target of a move is no copy until it holds everything.
      const copy =
        pair?.role === 'target'
          ? { epoch: 0, ...contentTags(content ?? 'unknown') }
          : { epoch: 1, inSync: [{ node: nodeName, vgUUID: group.uuid }], ...contentTags('blank') };
      const tags = [...ownTags(task, 'data'), ...logicalVolumeTags({ ...copy, ...(await wantedFor(task)) })];
      return lvm.createLogicalVolume(
        { volumeGroup: group, name: volumeName, sizeBytes: requiredCapacityBytes, tags },
        signal,
      );
    },
    adoptLogicalVolume: async () =>
      tagData(task, {
        ...(await wantedFor(task)),
        cluster: agent.cluster.clusterId,
        volume: volumeId,
        role: 'data',
        epoch: 1,
        inSync: [{ node: nodeName, vgUUID: groupOf(task).uuid }],
        ...contentTags('unknown'),
      }),
    extendLogicalVolume: () =>
      lvm.extendLogicalVolume(
        {
          volumeGroup: groupOf(task),
          name: volumeName,
          uuid: facts.data?.volume.uuid ?? '',
          sizeBytes: requiredCapacityBytes,
        },
        signal,
      ),
    activateLogicalVolume: () => lvm.activateVolumeGroup(groupOf(task), signal),
    markDeleted: () => tagData(task, { deleting: true, epoch: 0 }),
    removeLogicalVolume: () =>
      lvm.removeLogicalVolume(
        {
          volumeGroup: groupOf(task),
          name: volumeName,
          uuid: facts.data?.volume.uuid ?? '',
          requireTags: [...ownTags(task, 'data'), ...logicalVolumeTags({ deleting: true })],
        },
        signal,
      ),
    removeObject: async () => gone,
  } satisfies PerformersOf<EffectOf<typeof localVolumeReplicaMachine>>;
};
