import { isDeepStrictEqual } from 'node:util';
import type { LocalPool } from '../../../api/local-storage-node.schema.ts';
import { type LocalVolumeReplica } from '../../../api/local-volume-replica.schema.ts';
import { LocalVolume } from '../../../api/local-volume.schema.ts';
import { LocalVolumeWriter } from '../../../api/local-volume-writer.schema.ts';
import { metadataVolumeName } from '../../../api/names.ts';
import { describes, type LogicalVolume, type VolumeGroup } from '../../../api/observed/index.ts';
import { type LogicalVolumeTags, logicalVolumeTags, parseLogicalVolumeTags } from '../../../api/tags.ts';
import { contentOf } from '../../../api/volume-content.ts';
import type { Client } from '@dot-kube/operator';
import type { AgentContext } from '../context.ts';
import { isOurPool, type Owner } from '../pool/pool-groups.ts';
import type { Marks, RecordView, ReplicaFacts, ReplicaWish } from './replica-facts.ts';

/** What is wanted of a replica, from its object alone. */
export function wishOf({ spec, status }: LocalVolumeReplica): ReplicaWish {
  const { pair } = spec;
  const peer = pair?.legs.find(({ node }) => node !== spec.nodeName)?.node ?? '';
  return {
    node: spec.nodeName,
    sizeBytes: spec.requiredCapacityBytes,
    deleted: spec.delete,
    begun: status?.volumeGroupUUID !== undefined,
    found: spec.found === true,
    pair: pair === undefined ? undefined : { moveId: pair.moveId, role: pair.role, phase: pair.phase, peer },
  };
}

/**
 * Looks at everything that one replica's next step hangs on. The writer record is read before the kernel, so that a
 * change of the record by what the kernel shows fails if anything came between.
 * @param pool as the node tells it
 */
export async function observeReplica(
  agent: AgentContext,
  client: Client,
  replica: LocalVolumeReplica,
  signal: AbortSignal,
  pool?: LocalPool,
): Promise<ReplicaFacts> {
  const { tools, cluster } = agent;
  const { volumeName, volumeId, poolName } = replica.spec;
  const isPaired = replica.spec.pair !== undefined || replica.status?.pair !== undefined;
  // Before a logical volume is made, too: where a record counts on a copy, there was one.
  const isNew = ['', 'Creating', 'Invalid'].includes(replica.status?.state ?? '');
  const asksRecord = isPaired || replica.spec.delete || isNew;
  const found = asksRecord ? await client.get(LocalVolumeWriter, volumeName, { signal }) : undefined;
  const record = found?.spec.volumeId === volumeId ? found : undefined;
  const volume = replica.spec.delete ? await client.get(LocalVolume, volumeName, { signal }) : undefined;

  const groupNow = async (): Promise<VolumeGroup | undefined> =>
    (await tools.lvm.volumeGroups(signal)).find((group) =>
      isPool(group, poolName, agent, replica.status?.volumeGroupUUID),
    );
  let group = await groupNow();
  const volumes = (await tools.lvm.logicalVolumes(signal)).filter(
    ({ volumeGroup }) => volumeGroup.uuid === group?.uuid,
  );
  // A disk that was pulled between the two looks took the group along: then the volume is away, not gone.
  const isExpected = replica.spec.delete || !isNew;
  if (isExpected && group !== undefined && !volumes.some(({ name }) => name === volumeName)) group = await groupNow();
  const isHurt = group !== undefined && isHurtIn(pool, group, volumeName);
  const named = (name: string, role: string) => {
    const volume = volumes.find((volume) => volume.name === name);
    return volume && { volume, marks: marksOf(volume, { cluster: cluster.clusterId, volume: volumeId ?? '', role }) };
  };
  const data = named(volumeName, 'data');
  const metadata = named(metadataVolumeName(volumeName), 'drbd-meta');

  // A replica that is no leg of a pair has nothing to do with DRBD; before it is removed that is made sure of.
  const looksAtDrbd = isPaired || replica.spec.delete;
  const resources = looksAtDrbd ? await tools.drbd.resources(signal) : [];
  const files = looksAtDrbd ? await tools.drbd.resourceFiles(signal) : [];
  const mine = logicalVolumeTags({ cluster: cluster.clusterId, volume: volumeId ?? '' });
  const file = files.find(({ name, tags }) => name === volumeName && isDeepStrictEqual(tags, mine));
  const resource = file && resources.find((resource) => describes(file, resource));
  const isReadable = resource === undefined && metadata?.volume.active === true && metadata.marks.ours;
  const minor = replica.spec.pair?.minor ?? file?.minors[0];
  const metadataState =
    isReadable && minor !== undefined
      ? (await tools.drbd.metadata({ minor, device: metadata.volume.path }, signal)).state
      : undefined;
  const volumeIsWanted = volume !== undefined && !volume.spec.delete && volume.spec.config?.volumeId === volumeId;
  return {
    record: record && viewOf(record),
    volumeIsWanted,
    group,
    isHurt,
    data,
    metadata,
    metadataState,
    resource,
    file,
  };
}

const isHurtIn = (pool: LocalPool | undefined, { uuid }: VolumeGroup, volume: string): boolean =>
  pool?.vgUUID === uuid && pool.hurtVolumes?.includes(volume) === true;

/** The volume group of a pool, if it is this cluster's, and the one that was met before. */
const isPool = (group: VolumeGroup, pool: string, owner: Owner, known: string | undefined): boolean =>
  group.name === pool && (known === undefined || known === group.uuid) && isOurPool(group, owner);

function marksOf({ tags }: LogicalVolume, whose: { cluster: string; volume: string; role: string }): Marks {
  const { tags: said, problems } = parseLogicalVolumeTags(tags);
  return {
    ours: said.cluster === whose.cluster && said.volume === whose.volume && said.role === whose.role,
    unmarked: Object.keys(said).length === 0 && problems.length === 0,
    epoch: said.epoch,
    seeded: said.seeded,
    metadataMade: said.metadataMade,
    content: contentOf(said),
    deleting: said.deleting === true,
    recorded: recordedIn(said),
  };
}

const recordedIn = ({ inSync, claim, replicas }: Partial<LogicalVolumeTags>): Marks['recorded'] => ({
  ...(inSync === undefined ? {} : { inSync: [...inSync] }),
  ...(claim === undefined ? {} : { claim }),
  ...(replicas === undefined ? {} : { replicas }),
});

const viewOf = ({ metadata, spec }: LocalVolumeWriter): RecordView => ({
  version: metadata.resourceVersion ?? '',
  epoch: spec.epoch,
  writer: spec.node,
  inSync: spec.inSync,
  closed: spec.delete,
});
