import type { Client } from '@dot-kube/operator';
import { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica, type ReplicaPair } from '../../api/local-volume-replica.schema.ts';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import { explainRefusals, noAddress, place, roundUpToExtent } from '../placement.ts';
import { isFinished } from './migrate-names.ts';
import type { Promised } from './promises.ts';
import { roomsOf } from './rooms.ts';

export interface Target {
  readonly node: string;
  /** Free in the whole cluster; port and minor of the pair follow from it. */
  readonly resourceID: number;
  /** The addresses of both sides as they are now: they are kept, whatever becomes of the nodes. */
  readonly legs: ReplicaPair['legs'];
}

/** Where a volume that leaves its node goes, or why it can go nowhere. Everything is read anew. */
export async function chooseTarget(
  client: Client,
  { spec }: LocalVolumeMigrate,
  volume: LocalVolume,
  promised: readonly Promised[],
  signal: AbortSignal,
): Promise<Target | { readonly refused: string }> {
  const [nodes, volumes, replicas, migrates] = await Promise.all([
    client.list(LocalStorageNode, { signal }),
    client.list(LocalVolume, { signal }),
    client.list(LocalVolumeReplica, { signal }),
    client.list(LocalVolumeMigrate, { signal }),
  ]);
  const view = {
    nodes: nodes.items,
    volumes: volumes.items,
    replicas: replicas.items,
    migrates: migrates.items,
    promised,
  };
  const holders = view.replicas
    .filter(({ spec: replica }) => replica.volumeName === spec.volumeName)
    .map(({ spec: replica }) => replica.nodeName);
  const placement = place(
    {
      // The metadata of the pair stand beside the data as long as the move lasts.
      sizeBytes: roundUpToExtent(volume.spec.requiredCapacityBytes) + roundUpToExtent(1),
      among: spec.targetNodesSuggested,
      except: [...holders, spec.sourceNode],
    },
    roomsOf(volume.spec.poolName, view),
  );
  if (!('node' in placement)) return { refused: explainRefusals(placement.refusals).slice(0, 8000) };
  const taken = new Set([
    ...view.migrates.flatMap(({ status }) => (isFinished(status?.state) ? [] : [status?.resourceID])),
    ...view.replicas.map(({ spec: replica }) => replica.pair?.resourceID),
  ]);
  let resourceID = 0;
  while (taken.has(resourceID)) resourceID += 1;
  const [source, target] = [spec.sourceNode, placement.node].map((node) => ({
    node,
    ip: view.nodes.find(({ metadata }) => metadata.name === node)?.spec.storageIP,
  }));
  if (!source?.ip || !target?.ip) return { refused: `${spec.sourceNode} ${noAddress}.` };
  const legs = [source, target].map(({ node, ip }) => ({ node, ip: ip ?? '' }));
  return { node: placement.node, resourceID, legs };
}
