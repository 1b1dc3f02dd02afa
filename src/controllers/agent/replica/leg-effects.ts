import { ApiError, type PerformersOf } from '@dot-kube/operator';
import { LocalVolumeReplica } from '../../../api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../../api/local-volume-writer.schema.ts';
import { metadataVolumeName } from '../../../api/names.ts';
import type { DrbdPair } from '../../../api/observed/index.ts';
import { metadataBytes } from '../../../api/sizes.ts';
import { logicalVolumeTags, parseLogicalVolumeTags } from '../../../api/tags.ts';
import type { legMachine, EffectOf } from '../../../machines/index.ts';
import { drbdSecretOf } from '../../cluster-identity.ts';
import { groupOf, ownTags, type ReplicaTask, tagData } from './replica-effects.ts';

/** The pair as both legs write it down: only the resource ID was chosen, all else follows. */
export function drbdPairOf({ agent, replica }: ReplicaTask): DrbdPair {
  const { pair, volumeName, volumeId, poolName } = replica.spec;
  const [source, target] = pair?.legs ?? [];
  if (pair === undefined || source === undefined || target === undefined || volumeId === undefined)
    throw new Error(`LocalVolumeReplica ${replica.metadata.name} is no leg of a pair`);
  const leg = ({ node, ip }: typeof source) => ({
    node,
    ip,
    disk: `/dev/${poolName}/${volumeName}`,
    metadata: `/dev/${poolName}/${metadataVolumeName(volumeName)}`,
  });
  return {
    name: volumeName,
    tags: logicalVolumeTags({ cluster: agent.cluster.clusterId, volume: volumeId }),
    minor: pair.minor,
    port: pair.port,
    secret: drbdSecretOf(agent.cluster, volumeId),
    legs: [leg(source), leg(target)],
    fencing: 'resource-and-stonith',
  };
}

export const legPerformers = (task: ReplicaTask) => {
  const { agent, client, replica, facts, signal } = task;
  const { lvm, drbd } = agent.tools;
  const { volumeName, pair } = replica.spec;
  /**
   * Looks again right before what destroys history: the order as the server has it now, the tags as the disk has them. A
   * cache may lag, and another agent of this node may have been here since.
   */
  const mustStillHold = async (): Promise<void> => {
    const latest = await client.get(LocalVolumeReplica, replica.metadata.name, { signal });
    const asked = latest?.metadata.uid === replica.metadata.uid ? latest?.spec : undefined;
    const isAsked =
      asked?.delete === replica.spec.delete && asked.pair?.moveId === pair?.moveId && asked.pair?.phase === pair?.phase;
    const data = (await lvm.logicalVolumes(signal)).find(({ uuid }) => uuid === facts.data?.volume.uuid);
    const { seeded, metadataMade } = parseLogicalVolumeTags(data?.tags ?? []).tags;
    const isDone = [seeded, metadataMade].includes(pair?.moveId);
    if (!isAsked || data === undefined || isDone)
      throw new ApiError(
        409,
        'Conflict',
        `the order for ${replica.metadata.name} or its volume changed since the look`,
      );
  };
  return {
    makeMetadata: async () => {
      await mustStillHold();
      const { minor } = drbdPairOf(task);
      const sizeBytes = metadataBytes(facts.data?.volume.sizeBytes ?? 0);
      const wanted = { volumeGroup: groupOf(task), name: metadataVolumeName(volumeName), sizeBytes };
      const made = await lvm.createLogicalVolume({ ...wanted, tags: ownTags(task, 'drbd-meta') }, signal);
      // Asked for only before this side was ever paired: whatever stands there has no history worth keeping.
      await drbd.createMetadata({ minor, device: made.path, overwrite: true }, signal);
    },
    markMetadata: () => tagData(task, { metadataMade: pair?.moveId }),
    raise: async () => {
      await drbd.writeResource(drbdPairOf(task), signal);
      await drbd.adjust(volumeName, signal);
    },
    promoteByForce: async () => {
      await mustStillHold();
      await drbd.promoteByForce(volumeName, signal);
    },
    demote: () => drbd.demote(volumeName, signal),
    markSeeded: () => tagData(task, { seeded: pair?.moveId }),
    recordInSync: async ({ recordVersion }) => {
      const record = await client.get(LocalVolumeWriter, volumeName, { signal });
      // Anything that came between the reading of the record and the look at the kernel makes that look worthless.
      if (record?.spec.moveTo === undefined || record.metadata.resourceVersion !== recordVersion) return;
      if (!pair?.legs.some(({ node }) => node === record.spec.moveTo?.node)) return;
      const inSync = [...record.spec.inSync, record.spec.moveTo];
      await client.update(LocalVolumeWriter, { ...record, spec: { ...record.spec, inSync } }, { signal });
    },
    lower: async () => {
      const now = (await drbd.resources(signal)).find(({ name }) => name === volumeName);
      const isWhole = now?.disk === 'UpToDate' && now.peerDisk === 'UpToDate' && now.outOfSyncBytes === 0;
      if (isWhole && now.connection === 'Connected' && now.role === 'Secondary') await drbd.down(volumeName, signal);
    },
    raiseEpoch: () => tagData(task, { epoch: facts.record?.epoch, inSync: facts.record?.inSync }),
    takeDown: () => drbd.down(volumeName, signal),
    removeMetadata: async () => {
      const minor = pair?.minor ?? facts.file?.minors[0];
      if (facts.metadata?.marks.ours === true) {
        const { volume } = facts.metadata;
        const volumeGroup = groupOf(task);
        if (!volume.active) await lvm.activateVolumeGroup(volumeGroup, signal);
        if (minor !== undefined) await drbd.wipeMetadata({ minor, device: volume.path }, signal);
        const { name, uuid } = volume;
        await lvm.removeLogicalVolume({ volumeGroup, name, uuid, requireTags: ownTags(task, 'drbd-meta') }, signal);
      }
      if (facts.file !== undefined) await drbd.removeResource(volumeName, signal);
    },
    removeMarks: () => tagData(task, { seeded: undefined, metadataMade: undefined }),
  } satisfies PerformersOf<EffectOf<typeof legMachine>>;
};
