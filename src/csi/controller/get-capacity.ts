import { poolClasses, poolNameOf } from '../../api/names.ts';
import { type ClusterView, type PoolRoom, roomsOf } from '../../api/pool-rooms.ts';
import { roundDownToExtent } from '../../api/sizes.ts';
import type { GetCapacityRequest } from '../proto/csi_pb.js';
import { poolClassIn } from './parameters.ts';
import { nodeOf } from './topology.ts';

/** The room for new volumes in the pool that is asked about, on one node or on all. */
export async function getCapacity(look: () => Promise<ClusterView>, request: GetCapacityRequest) {
  const poolClass = poolClassIn(request.parameters);
  const node = request.accessibleTopology && nodeOf(request.accessibleTopology);
  const view = await look();
  const free = (poolClass === undefined ? poolClasses : [poolClass])
    .flatMap((one) => roomsOf(poolNameOf(one), view))
    .filter((room) => node === undefined || room.node === node)
    .map(freeBytesOf);
  return {
    availableCapacity: BigInt(free.reduce((sum, bytes) => sum + bytes, 0)),
    maximumVolumeSize: BigInt(Math.max(0, ...free)),
  };
}

const freeBytesOf = ({ closed, freeBytes, freeVolumes }: PoolRoom): number =>
  closed !== undefined || freeVolumes < 1 ? 0 : Math.max(0, roundDownToExtent(freeBytes));
