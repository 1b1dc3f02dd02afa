import { ApiError, type Client, createOnce, gone, letGo, type PerformersOf } from '@dot-kube/operator';
import type { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import { LocalVolume, type LocalVolumeConfig } from '../../api/local-volume.schema.ts';
import { dataProtectionFinalizer, replicaName } from '../../api/names.ts';
import type { localVolumeMachine, EffectOf } from '../../machines/index.ts';
import { isReleased } from '../deletion-block.ts';
import type { VolumeFacts } from './volume-sight.ts';

interface VolumeTask {
  readonly client: Client;
  readonly volume: LocalVolume;
  readonly facts: VolumeFacts;
  readonly nodes: readonly LocalStorageNode[];
  /** Chosen once, and kept in the object before it is used. */
  readonly newVolumeId: (volume: LocalVolume) => string;
}

export const volumePerformers = ({ client, volume, facts, nodes, newVolumeId }: VolumeTask) => {
  const { name } = volume.metadata;
  const volumeId = volume.spec.config?.volumeId;
  /** A leader that is late must not make replicas for a volume that is gone: nobody would ever delete them. */
  const mustStillBeWanted = async (): Promise<void> => {
    const latest = await client.get(LocalVolume, name);
    if (latest?.metadata.uid !== volume.metadata.uid || latest?.spec.delete !== false)
      throw new ApiError(409, 'Conflict', `LocalVolume ${name} was deleted since the look`);
  };
  return {
    saveConfig: ({ nodes: chosen }) => {
      const config: LocalVolumeConfig = {
        version: 1,
        volumeName: name,
        volumeId: newVolumeId(volume),
        requiredCapacityBytes: volume.spec.requiredCapacityBytes,
        convertible: volume.spec.convertible,
        resourceID: -1,
        readyToInitialize: false,
        initialized: false,
        replicas: chosen.map((hostname, id) => ({ id, hostname, ip: addressOf(nodes, hostname), primary: id === 0 })),
      };
      return client.update(LocalVolume, { ...volume, spec: { ...volume.spec, config } });
    },
    createReplicas: async ({ nodes: missing }) => {
      if (volumeId === undefined) throw new Error(`LocalVolume ${name} has a config without volumeId`);
      const { poolName, requiredCapacityBytes } = volume.spec;
      await mustStillBeWanted();
      for (const nodeName of missing)
        await createOnce(client, LocalVolumeReplica, {
          metadata: { name: replicaName(name, nodeName), finalizers: [dataProtectionFinalizer] },
          spec: { volumeName: name, volumeId, poolName, nodeName, requiredCapacityBytes, delete: false },
        });
    },
    createRecord: async () => {
      // What the copies' own tags say outranks what is known here: they may come from before the objects were restored.
      const epoch = Math.max(1, ...facts.replicas.map(({ status }) => status?.epoch ?? 0));
      const inSync = facts.replicas.flatMap(({ spec, status }) =>
        status?.volumeGroupUUID === undefined || (status.epoch ?? 0) < epoch
          ? []
          : [{ node: spec.nodeName, vgUUID: status.volumeGroupUUID }],
      );
      if (volumeId === undefined || inSync.length === 0) throw new Error(`LocalVolume ${name} has no copy to record`);
      const spec = { volumeName: name, volumeId, epoch, inSync, delete: false };
      await createOnce(client, LocalVolumeWriter, { metadata: { name }, spec });
    },
    growReplicas: async () => {
      const { config, requiredCapacityBytes } = volume.spec;
      await mustStillBeWanted();
      if (config !== undefined && config.requiredCapacityBytes !== requiredCapacityBytes) {
        const larger = { ...config, version: config.version + 1, requiredCapacityBytes };
        await client.update(LocalVolume, { ...volume, spec: { ...volume.spec, config: larger } });
      }
      for (const copy of facts.growth?.copies ?? [])
        await client.update(LocalVolumeReplica, { ...copy, spec: { ...copy.spec, requiredCapacityBytes } });
    },
    closeRecord: async () => {
      const { record } = facts;
      if (record !== undefined)
        await client.update(LocalVolumeWriter, { ...record, spec: { ...record.spec, delete: true } });
    },
    deleteReplicas: async () => {
      // Those that were looked at, by compare-and-swap: a later volume of this name has replicas of the same names.
      for (const replica of facts.replicas.filter(({ spec }) => !spec.delete))
        await client.update(LocalVolumeReplica, { ...replica, spec: { ...replica.spec, delete: true } });
    },
    // Their node may never come back; what is on its disks is left there.
    forgetReplicas: async () => {
      for (const { metadata } of facts.replicas.filter(isReleased))
        await letGo(client, LocalVolumeReplica, metadata, dataProtectionFinalizer);
    },
    deleteRecord: async () => {
      const { uid, resourceVersion } = facts.record?.metadata ?? {};
      if (uid === undefined || resourceVersion === undefined) return;
      await client.delete(LocalVolumeWriter, name, { uid, resourceVersion });
    },
    removeObject: async () => gone,
  } satisfies PerformersOf<EffectOf<typeof localVolumeMachine>>;
};

const addressOf = (nodes: readonly LocalStorageNode[], name: string): string =>
  nodes.find(({ metadata }) => metadata.name === name)?.spec.storageIP ?? '';
