import type { Client } from '@dot-kube/operator';
import { isAlreadyExists } from '@dot-kube/operator';
import type { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import { LocalVolume, type LocalVolumeConfig } from '../../api/local-volume.schema.ts';
import { dataProtectionFinalizer, replicaName } from '../../api/names.ts';
import type { localVolumeMachine, Performers } from '../../machines/index.ts';
import { removeObject } from '../remove-object.ts';
import type { VolumeFacts } from './volume-sight.ts';

interface VolumeTask {
  readonly client: Client;
  readonly volume: LocalVolume;
  readonly facts: VolumeFacts;
  readonly nodes: readonly LocalStorageNode[];
  /** Chosen once, and kept in the object before it is used. */
  readonly newVolumeId: (volume: string) => string;
  readonly signal: AbortSignal;
}

export const volumePerformers = ({ client, volume, facts, nodes, newVolumeId, signal }: VolumeTask) => {
  const { name } = volume.metadata;
  const volumeId = volume.spec.config?.volumeId;
  return {
    saveConfig: ({ nodes: chosen }) => {
      const config: LocalVolumeConfig = {
        version: 1,
        volumeName: name,
        volumeId: newVolumeId(name),
        requiredCapacityBytes: volume.spec.requiredCapacityBytes,
        convertible: volume.spec.convertible,
        resourceID: -1,
        readyToInitialize: false,
        initialized: false,
        replicas: chosen.map((hostname, id) => ({ id, hostname, ip: addressOf(nodes, hostname), primary: id === 0 })),
      };
      const finalizers = [...new Set([...(volume.metadata.finalizers ?? []), dataProtectionFinalizer])];
      const metadata = { ...volume.metadata, finalizers };
      return client.update(LocalVolume, { ...volume, metadata, spec: { ...volume.spec, config } }, { signal });
    },
    createReplicas: async ({ nodes: missing }) => {
      if (volumeId === undefined) throw new Error(`LocalVolume ${name} has a config without volumeId`);
      const { poolName, requiredCapacityBytes } = volume.spec;
      for (const nodeName of missing)
        await unlessThere(() =>
          client.create(
            LocalVolumeReplica,
            {
              metadata: { name: replicaName(name, nodeName), finalizers: [dataProtectionFinalizer] },
              spec: { volumeName: name, volumeId, poolName, nodeName, requiredCapacityBytes, delete: false },
            },
            { signal },
          ),
        );
    },
    createRecord: async () => {
      const inSync = facts.replicas.flatMap(({ spec, status }) =>
        status?.volumeGroupUUID === undefined ? [] : [{ node: spec.nodeName, vgUUID: status.volumeGroupUUID }],
      );
      if (volumeId === undefined || inSync.length === 0) throw new Error(`LocalVolume ${name} has no copy to record`);
      const spec = { volumeName: name, volumeId, epoch: 1, inSync, delete: false };
      await unlessThere(() => client.create(LocalVolumeWriter, { metadata: { name }, spec }, { signal }));
    },
    closeRecord: async () => {
      const { record } = facts;
      if (record !== undefined)
        await client.update(LocalVolumeWriter, { ...record, spec: { ...record.spec, delete: true } }, { signal });
    },
    deleteReplicas: async () => {
      // Those that were looked at, by compare-and-swap: a later volume of this name has replicas of the same names.
      for (const replica of facts.replicas.filter(({ spec }) => !spec.delete))
        await client.update(LocalVolumeReplica, { ...replica, spec: { ...replica.spec, delete: true } }, { signal });
    },
    deleteRecord: async () => {
      const { uid, resourceVersion } = facts.record?.metadata ?? {};
      if (uid === undefined || resourceVersion === undefined) return;
      await client.delete(LocalVolumeWriter, name, { uid, resourceVersion, signal });
    },
    removeObject: () => removeObject(client, LocalVolume, volume.metadata, dataProtectionFinalizer, signal),
  } satisfies Performers<typeof localVolumeMachine>;
};

/** Names are computed: who finds the object made already is as far as if it had made it. */
async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

const addressOf = (nodes: readonly LocalStorageNode[], name: string): string =>
  nodes.find(({ metadata }) => metadata.name === name)?.spec.storageIP ?? '';
