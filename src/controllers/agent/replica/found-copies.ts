import { ApiError, type Client, createOnce, type EmittedEvent } from '@dot-kube/operator';
import { LocalVolumeReplica } from '../../../api/local-volume-replica.schema.ts';
import {
  dataProtectionFinalizer,
  isPoolName,
  metadataVolumeName,
  type PoolName,
  replicaName,
} from '../../../api/names.ts';
import type { LogicalVolume } from '../../../api/observed/index.ts';
import { type LogicalVolumeTags, parseLogicalVolumeTags } from '../../../api/tags.ts';
import type { Why } from '../../progress.ts';
import { isOurPool, type Owner } from '../pool/pool-groups.ts';
import type { PoolSight } from '../pool/pool-status.ts';

/** A copy of a volume that stands in a pool of this node, and that no LocalVolumeReplica stands for. */
export interface FoundCopy {
  readonly pool: PoolName;
  readonly volume: LogicalVolume;
  readonly volumeId: string;
  /** Its tags say that its tombstone was seen. */
  readonly isDeleted: boolean;
  /** DRBD metadata stand beside it: it is one side of a pair. */
  readonly isPaired: boolean;
}

/**
 * Copies by the tags of their logical volumes alone: what carries another cluster's mark, or none, is nobody's copy.
 * @param replicas as they were before the look at LVM: an object goes after its logical volume, so one that is not among
 * them did not go in between
 */
export function copiesWithoutObject(
  { groups, logicalVolumes }: Pick<PoolSight, 'groups' | 'logicalVolumes'>,
  replicas: readonly LocalVolumeReplica[],
  owner: Owner,
): FoundCopy[] {
  const ours = new Map(groups.filter((group) => isOurPool(group, owner)).map((group) => [group.uuid, group.name]));
  const known = new Set(replicas.map(({ metadata }) => metadata.name));
  const marksOf = ({ tags }: LogicalVolume): Partial<LogicalVolumeTags> => {
    const said = parseLogicalVolumeTags(tags).tags;
    return said.cluster === owner.cluster.clusterId ? said : {};
  };
  return logicalVolumes.flatMap((volume): FoundCopy[] => {
    const pool = ours.get(volume.volumeGroup.uuid);
    const { role, volume: volumeId, deleting = false } = marksOf(volume);
    const isCopy = pool !== undefined && isPoolName(pool) && role === 'data' && volumeId !== undefined;
    if (!isCopy || known.has(replicaName(volume.name, owner.node))) return [];
    const isPaired = logicalVolumes.some(
      (other) =>
        other.volumeGroup.uuid === volume.volumeGroup.uuid &&
        other.name === metadataVolumeName(volume.name) &&
        marksOf(other).volume === volumeId,
    );
    return [{ pool, volume, volumeId, isDeleted: deleting, isPaired }];
  });
}

interface Desk {
  readonly client: Client;
  readonly node: string;
  readonly emit: (event: EmittedEvent) => void;
}

/**
 * Makes the objects anew of copies that were found; their lifecycle goes on from there as if they had never been away.
 * @returns what keeps it from those that are left without
 */
export async function takeUpCopies(found: readonly FoundCopy[], { client, node, emit }: Desk): Promise<Why[]> {
  const left: Why[] = [];
  for (const copy of found) {
    const { name } = copy.volume;
    if (copy.isPaired) {
      left.push({ reason: 'PairWithoutObjects', message: pairWords(name, node) });
      continue;
    }
    try {
      const made = await createOnce(client, LocalVolumeReplica, replicaOf(copy, node));
      if (made === undefined) continue;
      const told = copy.isDeleted
        ? `Logical volume ${copy.volume.path} was being deleted, and no object stood for it: its deletion goes on.`
        : `No object stood for ${copy.volume.path}, a copy of volume ${name}: LocalVolumeReplica ${made.metadata.name} was made anew from its tags.`;
      emit({ type: 'Warning', reason: 'CopyFound', message: told });
    } catch (error) {
      // One that the API server refuses must not keep the others from being taken up.
      if (!(error instanceof ApiError) || error.code !== 422) throw error;
      left.push({
        reason: 'CopyRefused',
        message: `No object can be made for logical volume ${copy.volume.path}: ${error.message}`,
      });
    }
  }
  return left;
}

const replicaOf = ({ pool, volume, volumeId, isDeleted }: FoundCopy, node: string): LocalVolumeReplica => ({
  metadata: { name: replicaName(volume.name, node), finalizers: [dataProtectionFinalizer] },
  spec: {
    volumeName: volume.name,
    volumeId,
    poolName: pool,
    nodeName: node,
    requiredCapacityBytes: volume.sizeBytes,
    found: true,
    delete: isDeleted,
  },
});

const pairWords = (volume: string, node: string): string =>
  `Volume ${volume} was moving from or to ${node} when its objects were lost. It is left as it is: who has it open goes on, ` +
  `and nobody opens it anew. Put LocalVolume, LocalVolumeReplicas, LocalVolumeWriter and LocalVolumeMigrate of ${volume} back from a backup.`;
