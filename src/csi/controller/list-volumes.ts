import { LocalVolume } from '../../api/local-volume.schema.ts';
import type { ListVolumesRequest } from '../proto/csi_pb.js';
import { pageOf } from './paging.ts';
import type { Task } from './task.ts';
import { accessibleTopology } from './topology.ts';

/** The volumes that have a place, with how they are. */
export async function listVolumes({ client, signal }: Task, { maxEntries, startingToken }: ListVolumesRequest) {
  const { items } = await client.list(LocalVolume, { signal });
  const placed = items.filter(({ spec }) => spec.config !== undefined && !spec.delete);
  const page = pageOf(placed, ({ metadata }) => metadata.name, { maxEntries, startingToken });
  return { entries: page.items.map(entryOf), nextToken: page.nextToken };
}

function entryOf({ metadata: { name }, spec, status }: LocalVolume) {
  return {
    volume: {
      volumeId: name,
      capacityBytes: BigInt(spec.requiredCapacityBytes),
      accessibleTopology: accessibleTopology(name),
    },
    status: {
      publishedNodeIds: status?.publishedNode ? [status.publishedNode] : [],
      volumeCondition: { abnormal: status?.state !== 'Ready', message: status?.message ?? 'Nobody looked at it yet.' },
    },
  };
}
