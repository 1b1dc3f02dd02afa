import type { Client, Clock } from '@dot-kube/operator';
import { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import type { ClusterView } from '../../api/pool-rooms.ts';

/** Everything that says how much room the pools have. */
export async function poolView(client: Client, signal?: AbortSignal): Promise<ClusterView> {
  const options = signal === undefined ? {} : { signal };
  const [nodes, volumes, replicas, migrates] = await Promise.all([
    client.list(LocalStorageNode, options),
    client.list(LocalVolume, options),
    client.list(LocalVolumeReplica, options),
    client.list(LocalVolumeMigrate, options),
  ]);
  return {
    nodes: nodes.items,
    volumes: volumes.items,
    replicas: replicas.items,
    migrates: migrates.items,
    promised: [],
  };
}

/** The provisioner asks once for each node and each StorageClass, one after another, each minute. */
const sharedMs = 1_000;

/** One look for all who ask within a second. */
export function sharedPoolView(client: Client, clock: Clock): () => Promise<ClusterView> {
  let last: { view: Promise<ClusterView>; atMs: number } | undefined;
  return async () => {
    if (last === undefined || clock.monotonic() - last.atMs >= sharedMs)
      last = { view: poolView(client), atMs: clock.monotonic() };
    const current = last;
    try {
      return await current.view;
    } catch (error) {
      if (last === current) last = undefined;
      throw error;
    }
  };
}
