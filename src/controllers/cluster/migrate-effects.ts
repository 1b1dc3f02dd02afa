import { ApiError, type Client, createOnce, type PerformersOf } from '@dot-kube/operator';
import type { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../api/local-volume-migrate.schema.ts';
import {
  LocalVolumeReplica,
  type PairPhase,
  type PairRole,
  type ReplicaPair,
} from '../../api/local-volume-replica.schema.ts';
import {
  LocalVolumeWriter,
  type LocalVolumeWriterSpec,
  type WriterMember,
} from '../../api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import { dataProtectionFinalizer, replicaName } from '../../api/names.ts';
import type { localVolumeMigrateMachine, EffectOf } from '../../machines/index.ts';
import { firstMinor, firstPort } from './migrate-names.ts';
import type { MigrateObjects } from './observe-migrate.ts';

interface MigrateTask {
  readonly client: Client;
  readonly migrate: LocalVolumeMigrate;
  /** As they were read for this pass: each change of one fails if anything came between. */
  readonly objects: MigrateObjects;
  readonly nodes: readonly LocalStorageNode[];
}

export const migratePerformers = ({ client, migrate, objects, nodes }: MigrateTask) => {
  const { volumeName, sourceNode } = migrate.spec;
  const { targetNode = '', resourceID, moveId, legs } = migrate.status ?? {};
  const volume = () => there(objects.volume, `LocalVolume ${volumeName}`);

  const changeRecord = async (change: (spec: LocalVolumeWriterSpec) => LocalVolumeWriterSpec): Promise<void> => {
    const record = there(objects.record, `LocalVolumeWriter ${volumeName}`);
    await client.update(LocalVolumeWriter, { ...record, spec: change(record.spec) });
  };
  const pairOf = (role: PairRole, phase: PairPhase): ReplicaPair => {
    if (resourceID === undefined || moveId === undefined || legs === undefined)
      throw new Error(`${migrate.metadata.name} was saved without what its pair needs`);
    const numbers = { resourceID, port: firstPort + resourceID, minor: firstMinor + resourceID };
    return { migrate: migrate.metadata.name, moveId, role, phase, ...numbers, legs };
  };
  /** The pair as it was when the move began: what becomes of a node's address since is no matter. */
  const inPhase = ({ spec }: LocalVolumeReplica, role: PairRole, phase: PairPhase): LocalVolumeReplica['spec'] => ({
    ...spec,
    pair: spec.pair !== undefined && spec.pair.moveId === moveId ? { ...spec.pair, phase } : pairOf(role, phase),
  });
  const ask = async (replica: LocalVolumeReplica | undefined, role: PairRole, phase: PairPhase): Promise<void> => {
    const side = there(replica, `the ${role} of ${volumeName}`);
    await client.update(LocalVolumeReplica, { ...side, spec: inPhase(side, role, phase) });
  };

  return {
    seedSource: () => ask(objects.source, 'source', 'Seed'),
    nameTarget: () => changeRecord((spec) => ({ ...spec, moveTo: memberOn(nodes, targetNode, volume()) })),
    pairSource: () => ask(objects.source, 'source', 'Pair'),
    createTarget: async () => {
      const { poolName, config, requiredCapacityBytes: askedBytes } = volume().spec;
      // The very size of the source: the pair is as large as its smaller side.
      const requiredCapacityBytes = objects.source?.status?.allocatedCapacityBytes ?? askedBytes;
      const own = config?.volumeId === undefined ? {} : { volumeId: config.volumeId };
      const target: LocalVolumeReplica = {
        metadata: { name: replicaName(volumeName, targetNode), finalizers: [dataProtectionFinalizer] },
        spec: {
          volumeName,
          ...own,
          poolName,
          nodeName: targetNode,
          requiredCapacityBytes,
          content: objects.source?.status?.content ?? 'unknown',
          pair: pairOf('target', 'Pair'),
          delete: false,
        },
      };
      // Nothing else can fail for a leader that is late: what it would make has no version to compare.
      const latest = await client.get(LocalVolumeMigrate, migrate.metadata.name);
      const isLate = latest?.metadata.uid !== migrate.metadata.uid || latest?.status?.state !== migrate.status?.state;
      if (isLate) throw new ApiError(409, 'Conflict', `the move ${migrate.metadata.name} changed since the look`);
      await createOnce(client, LocalVolumeReplica, target);
    },
    cutSource: () => ask(objects.source, 'source', 'Cut'),
    handOver: () =>
      changeRecord(({ moveTo: _moveTo, ...spec }) => ({
        ...spec,
        inSync: someOf(spec.inSync.filter(({ node }) => node === targetNode)),
        epoch: spec.epoch + 1,
      })),
    saveConfig: async () => {
      const before = volume();
      const config = there(before.spec.config, `the config of ${volumeName}`);
      const replicas = config.replicas.map((replica) =>
        replica.hostname === sourceNode
          ? { ...replica, hostname: targetNode, ip: legs?.find(({ node }) => node === targetNode)?.ip ?? replica.ip }
          : replica,
      );
      const spec = { ...before.spec, config: { ...config, version: config.version + 1, replicas } };
      await client.update(LocalVolume, { ...before, spec });
    },
    // Both in one write: the agent carries a tombstone of the source out only in this phase.
    deleteSource: async () => {
      const side = there(objects.source, `the source of ${volumeName}`);
      const spec = { ...inPhase(side, 'source', 'Leave'), delete: true };
      await client.update(LocalVolumeReplica, { ...side, spec });
    },
    settleTarget: () => ask(objects.target, 'target', 'Settle'),
    dropPair: async () => {
      for (const side of [objects.source, objects.target]) {
        // One that is leaving needs it to clean up; a source that was released stays, whatever tombstone it carries.
        if (side?.spec.pair === undefined || (side.spec.delete && side.spec.pair.phase !== 'Release')) continue;
        const { pair: _pair, ...spec } = side.spec;
        await client.update(LocalVolumeReplica, { ...side, spec });
      }
    },
    takeBack: () =>
      changeRecord(({ moveTo: _moveTo, ...spec }) => ({
        ...spec,
        inSync: someOf(spec.inSync.filter(({ node }) => node !== targetNode)),
        // What the target was promised ends here: a copy with the old epoch is outranked.
        epoch: spec.inSync.some(({ node }) => node === targetNode) ? spec.epoch + 1 : spec.epoch,
      })),
    // By compare-and-swap like all else: a leader that was late would order away what was made under that name since.
    deleteTarget: async () => {
      const side = there(objects.target, `the target of ${volumeName}`);
      await client.update(LocalVolumeReplica, { ...side, spec: { ...side.spec, delete: true } });
    },
    releaseSource: () => ask(objects.source, 'source', 'Release'),
  } satisfies PerformersOf<EffectOf<typeof localVolumeMigrateMachine>>;
};

function there<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is gone`);
  return value;
}

/** A record that counts on no copy at all is never written: nobody would know where the data are. */
function someOf(members: WriterMember[]): WriterMember[] {
  if (members.length === 0) throw new Error('no copy would be left in sync');
  return members;
}

/** A node is known by its volume group too: one that was made anew under the old name is another one. */
function memberOn(nodes: readonly LocalStorageNode[], node: string, volume: LocalVolume): WriterMember {
  const pools = nodes.find(({ metadata }) => metadata.name === node)?.status?.pools;
  return { node, vgUUID: there(pools?.[volume.spec.poolName]?.vgUUID, `${volume.spec.poolName} of ${node}`) };
}
