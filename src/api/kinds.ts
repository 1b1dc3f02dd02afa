import type { CustomResource } from './custom-resource.ts';
import { HMCluster } from './hm-cluster.schema.ts';
import { LocalDiskAction } from './local-disk-action.schema.ts';
import { LocalDiskClaim } from './local-disk-claim.schema.ts';
import { LocalDisk } from './local-disk.schema.ts';
import { LocalStorageNode } from './local-storage-node.schema.ts';
import { LocalVolumeMigrate } from './local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from './local-volume-replica.schema.ts';
import { LocalVolumeWriter } from './local-volume-writer.schema.ts';
import { LocalVolume } from './local-volume.schema.ts';

/** Every kind of ours, sorted by name. */
export const kinds: readonly CustomResource<unknown, unknown>[] = [
  HMCluster,
  LocalDisk,
  LocalDiskAction,
  LocalDiskClaim,
  LocalStorageNode,
  LocalVolume,
  LocalVolumeMigrate,
  LocalVolumeReplica,
  LocalVolumeWriter,
];
