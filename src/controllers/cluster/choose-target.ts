import type { Client } from '@dot-kube/operator';
import { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica, type ReplicaPair } from '../../api/local-volume-replica.schema.ts';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import type { PoolName } from '../../api/names.ts';
import { type ClusterView, noAddress, type PoolRoom, roomsOf } from '../../api/pool-rooms.ts';
import { metadataBytes, roundUpToExtent } from '../../api/sizes.ts';
import { explainRefusals, place } from '../placement.ts';
import type { Why } from '../progress.ts';
import { firstMinor, firstPort, isFinished } from './migrate-names.ts';
import type { Promises } from './promises.ts';

export interface Target {
  readonly node: string;
  /** Free in the whole cluster; port and minor of the pair follow from it. */
  readonly resourceID: number;
  /** The addresses of both sides as they are now: they are kept, whatever becomes of the nodes. */
  readonly legs: ReplicaPair['legs'];
}

export interface NoTarget {
  readonly refused: Why;
}

/** Where a volume that leaves its node goes, or why it can go nowhere. Everything is read anew. */
export async function chooseTarget(
  client: Client,
  migrate: LocalVolumeMigrate,
  volume: LocalVolume,
  promises: Promises,
  { nowMs, signal }: { nowMs: number; signal: AbortSignal },
): Promise<Target | NoTarget> {
  const [nodes, volumes, replicas, migrates] = await Promise.all([
    client.list(LocalStorageNode, { signal }),
    client.list(LocalVolume, { signal }),
    client.list(LocalVolumeReplica, { signal }),
    client.list(LocalVolumeMigrate, { signal }),
  ]);
  const view = { nodes: nodes.items, volumes: volumes.items, replicas: replicas.items, migrates: migrates.items };
  return promises.deciding(
    nowMs,
    (promised) => {
      // What is reserved for the volume itself is what it may take.
      const others = promised.filter(({ volume: other }) => other !== migrate.spec.volumeName);
      return targetIn(migrate, volume, { ...view, promised: others });
    },
    (choice) => ('node' in choice ? choice.node : undefined),
  );
}

function targetIn({ spec }: LocalVolumeMigrate, volume: LocalVolume, view: ClusterView): Target | NoTarget {
  const copies = view.replicas.filter(({ spec: replica }) => replica.volumeName === spec.volumeName);
  const source = copies.find(({ spec: replica }) => replica.nodeName === spec.sourceNode);
  const { dataBytes, extraBytes } = moveBytes(volume, source);
  const refused = sourceRefusal(spec.sourceNode, volume.spec.poolName, extraBytes, view);
  if (refused !== undefined) return { refused };

  const request = {
    sizeBytes: dataBytes + extraBytes,
    among: spec.targetNodesSuggested,
    except: [...copies.map(({ spec: replica }) => replica.nodeName), spec.sourceNode],
  };
  const placement = place(request, targetRooms(volume.spec.poolName, view));
  if (!('node' in placement))
    return {
      refused: { reason: 'TargetRefused', message: explainRefusals(placement.refusals).slice(0, 8000) },
    };
  const legs = [spec.sourceNode, placement.node].map((node) => ({ node, ip: addressOf(node, view) ?? '' }));
  return { node: placement.node, resourceID: freeResourceID([spec.sourceNode, placement.node], view), legs };
}

/**
 * What a move takes: the data at their real size, and beside them the metadata of the pair on either side, as long as the
 * move lasts.
 */
export function moveBytes(volume: LocalVolume, source: LocalVolumeReplica | undefined) {
  const dataBytes = roundUpToExtent(
    Math.max(volume.spec.requiredCapacityBytes, source?.status?.allocatedCapacityBytes ?? 0),
  );
  return { dataBytes, extraBytes: metadataBytes(dataBytes) };
}

/** Where a volume of the pool could move to, with the room there. */
export const targetRooms = (pool: PoolName, view: ClusterView): PoolRoom[] =>
  roomsOf(pool, view).map((room) => (hasDrbd(room.node, view) ? room : { ...room, closed: room.closed ?? noDrbd }));

const noDrbd = 'has no DRBD that its agent can use: load the module there (modprobe drbd), with drbd-utils installed';

const nodeIn = (name: string, { nodes }: ClusterView): LocalStorageNode | undefined =>
  nodes.find(({ metadata }) => metadata.name === name);

const hasDrbd = (node: string, view: ClusterView): boolean => nodeIn(node, view)?.status?.drbd?.version !== undefined;

const addressOf = (node: string, view: ClusterView): string | undefined => nodeIn(node, view)?.spec.storageIP;

/** What the node that the volume leaves lacks for the time of the move. */
export function sourceRefusal(node: string, pool: PoolName, extraBytes: number, view: ClusterView): Why | undefined {
  if (!addressOf(node, view)) return { reason: 'NoStorageAddress', message: `${node} ${noAddress}.` };
  if (!hasDrbd(node, view)) return { reason: 'NoDrbd', message: `${node} ${noDrbd}.` };
  const freeBytes = roomsOf(pool, view).find((room) => room.node === node)?.freeBytes ?? 0;
  if (freeBytes >= extraBytes) return undefined;
  return {
    reason: 'NoSpace',
    message:
      `${node} has ${freeBytes} bytes free in the pool of the volume, and the move needs ${extraBytes} there beside it ` +
      'for as long as it lasts. Extend the pool with a LocalDiskClaim, or delete a volume there.',
  };
}

/** The lowest that no pair has, and whose minor and port nothing on either node uses as far as its agent tells. */
function freeResourceID(sides: readonly string[], view: ClusterView): number {
  const taken = new Set([
    ...view.migrates.flatMap(({ status }) => (isFinished(status?.state) ? [] : [status?.resourceID])),
    ...view.replicas.map(({ spec }) => spec.pair?.resourceID),
    ...sides.flatMap((node) => {
      const { minors = [], ports = [] } = nodeIn(node, view)?.status?.drbd ?? {};
      return [...minors.map((minor) => minor - firstMinor), ...ports.map((port) => port - firstPort)];
    }),
  ]);
  let resourceID = 0;
  while (taken.has(resourceID)) resourceID += 1;
  return resourceID;
}
