import { ApiError, type Client, createOnce, gone, letGo, type PerformersOf } from '@dot-kube/operator';
import type { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import { dataProtectionFinalizer, replicaName } from '../../api/names.ts';
import type { localVolumeMachine, EffectOf } from '../../machines/index.ts';
import { isReleased } from '../deletion-block.ts';
import { memberOf, whatCopiesSay } from './rebuild/what-copies-say.ts';
import { configReplicas, firstConfig } from './volume-config.ts';
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
  /** Asked of the server: a cache may not know yet what was written last. */
  const copiesNow = async (): Promise<LocalVolumeReplica[]> =>
    (await client.list(LocalVolumeReplica, { fieldSelector: `spec.volumeName=${name}` })).items.filter(
      ({ spec }) => spec.volumeId === volumeId,
    );
  return {
    saveConfig: ({ nodes: chosen }) => {
      const { requiredCapacityBytes } = volume.spec;
      const id = newVolumeId(volume);
      const config = firstConfig({ volumeName: name, volumeId: id, requiredCapacityBytes, on: chosen, nodes });
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
      const record = recordFrom(await copiesNow());
      await createOnce(client, LocalVolumeWriter, {
        metadata: { name },
        spec: { volumeName: name, delete: false, ...record },
      });
    },
    raiseRecord: async () => {
      const { record } = facts;
      if (record === undefined) throw new Error(`LocalVolume ${name} has no writer record`);
      const { config } = volume.spec;
      const { node: _node, vgUUID: _group, moveTo: _target, ...kept } = record.spec;
      const raised = recordFrom(await copiesNow());
      const on = raised.inSync.map((member) => member.node);
      // The record last: once it is right, nothing asks for this any more.
      if (config !== undefined) {
        const there = { ...config, version: config.version + 1, replicas: configReplicas(on, nodes) };
        await client.update(LocalVolume, { ...volume, spec: { ...volume.spec, config: there } });
      }
      await client.update(LocalVolumeWriter, { ...record, spec: { ...kept, ...raised } });
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

/** The record that copies name; they may come from before the objects were restored, or after. */
function recordFrom(copies: readonly LocalVolumeReplica[]) {
  const said = whatCopiesSay(copies);
  if (said.kind === 'undecided') throw new ApiError(409, 'Conflict', said.message);
  const { volumeId, epoch, good, writer } = said;
  return { volumeId, epoch, inSync: good.map(memberOf), ...writer };
}
