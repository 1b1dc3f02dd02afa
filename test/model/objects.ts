import type { KubernetesObject, Resource } from '@dot-kube/operator';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import type { ModelCluster } from './cluster.ts';

/** Objects as etcd holds them: what is in a backup of it. */
export type Backup = readonly {
  readonly kind: Resource;
  readonly objects: readonly KubernetesObject[];
}[];

const kinds = [
  LocalDisk,
  LocalDiskClaim,
  LocalStorageNode,
  LocalVolume,
  LocalVolumeReplica,
  LocalVolumeWriter,
  LocalVolumeMigrate,
] as readonly unknown[] as readonly Resource[];

/** Every object of ours as it is now. */
export const backup = async (cluster: ModelCluster): Promise<Backup> =>
  Promise.all(kinds.map(async (kind) => ({ kind, objects: (await cluster.kubectl.list(kind)).items })));

/** Takes every object of ours away behind everybody's back; `which` says of one whether it goes. */
export async function loseObjects(
  { kubectl }: ModelCluster,
  which: (object: KubernetesObject, kind: string) => boolean = () => true,
): Promise<void> {
  for (const kind of kinds)
    for (const object of (await kubectl.list(kind)).items.filter((one) => which(one, kind.kind))) {
      const { name } = object.metadata;
      await kubectl.patch(kind, name, { metadata: { finalizers: null } });
      // One that was being deleted goes with its last finalizer.
      if ((await kubectl.get(kind, name)) !== undefined) await kubectl.delete(kind, name);
    }
}

/** etcd is set back to a backup. */
export async function setBack(cluster: ModelCluster, to: Backup): Promise<void> {
  const { kubectl } = cluster;
  await loseObjects(cluster);
  for (const { kind, objects } of to)
    for (const { status, ...object } of objects as readonly (KubernetesObject & { status?: object })[]) {
      const { resourceVersion: _version, uid: _uid, ...metadata } = object.metadata;
      const made = await kubectl.create(kind, { ...object, metadata });
      if (status !== undefined) await kubectl.updateStatus(kind, { ...made, status } as KubernetesObject);
    }
}
