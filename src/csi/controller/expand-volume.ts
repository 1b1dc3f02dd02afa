import { isConflict } from '@dot-kube/operator';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import { roomsOf } from '../../api/pool-rooms.ts';
import { CsiError } from '../grpc/csi-error.ts';
import type { ControllerExpandVolumeRequest } from '../proto/csi_pb.js';
import { poolView } from './pool-view.ts';
import { wantedSize } from './size.ts';
import type { Task } from './task.ts';
import { named, watchUntil } from './watch-until.ts';

/**
 * Orders a volume to be larger, and answers when its copies are; what is on it grows where it is used. Nothing is ordered
 * that has no room: a size can't be taken back.
 */
export async function controllerExpandVolume(task: Task, request: ControllerExpandVolumeRequest) {
  const { volumeId, capacityRange, volumeCapability } = request;
  if (volumeId === '') throw new CsiError('INVALID_ARGUMENT', 'The call names no volume.');
  if (capacityRange === undefined) throw new CsiError('INVALID_ARGUMENT', 'The call names no size.');
  const { sizeBytes } = wantedSize(capacityRange, 'block');
  const volume = await raised(task, volumeId, sizeBytes);
  const capacityBytes = await untilGrown(task, volume, sizeBytes);
  return { capacityBytes: BigInt(capacityBytes), nodeExpansionRequired: volumeCapability?.accessType.case !== 'block' };
}

async function raised(task: Task, name: string, sizeBytes: number): Promise<LocalVolume> {
  const { client, signal } = task;
  for (;;) {
    const volume = await client.get(LocalVolume, name, { signal });
    if (volume === undefined) throw new CsiError('NOT_FOUND', `There is no volume ${name}.`);
    if (volume.spec.delete) throw new CsiError('FAILED_PRECONDITION', `Volume ${name} is being deleted.`);
    if (volume.spec.requiredCapacityBytes >= sizeBytes) return volume;
    await requireRoom(task, volume, sizeBytes);
    try {
      const spec = { ...volume.spec, requiredCapacityBytes: sizeBytes };
      return await client.update(LocalVolume, { ...volume, spec }, { signal });
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}

/** @throws CsiError OUT_OF_RANGE where the pool could never take it, RESOURCE_EXHAUSTED where others have the room now */
async function requireRoom({ client, signal }: Task, { metadata, spec }: LocalVolume, sizeBytes: number) {
  const view = await poolView(client, signal);
  const rooms = roomsOf(spec.poolName, view);
  const moreBytes = sizeBytes - spec.requiredCapacityBytes;
  for (const { hostname } of spec.config?.replicas ?? []) {
    const pool = view.nodes.find((node) => node.metadata.name === hostname)?.status?.pools?.[spec.poolName];
    const freeBytes = Math.max(0, rooms.find(({ node }) => node === hostname)?.freeBytes ?? 0);
    if (moreBytes <= freeBytes) continue;
    const where = `${spec.poolName} of ${hostname}`;
    const asked = `Volume ${metadata.name} can't grow from ${spec.requiredCapacityBytes} to ${sizeBytes} bytes`;
    if (pool !== undefined && sizeBytes > pool.totalCapacityBytes)
      throw new CsiError('OUT_OF_RANGE', `${asked}: ${where} has ${pool.totalCapacityBytes} bytes in all.`);
    throw new CsiError(
      'RESOURCE_EXHAUSTED',
      `${asked}: it needs ${moreBytes} bytes more, and ${where} has ${freeBytes} free. Add a disk to the pool with a LocalDiskClaim, or move a volume away.`,
    );
  }
}

/** @returns the bytes of each copy */
const untilGrown = (task: Task, { metadata: { name, uid } }: LocalVolume, sizeBytes: number): Promise<number> =>
  watchUntil(task, LocalVolume, named(name), {
    judge: ([volume]) => {
      if (volume === undefined || volume.metadata.uid !== uid || volume.spec.delete)
        throw new CsiError('NOT_FOUND', `Volume ${name} was deleted while it grew.`);
      const { allocatedCapacityBytes = 0 } = volume.status ?? {};
      return allocatedCapacityBytes >= sizeBytes ? allocatedCapacityBytes : undefined;
    },
    overdue: ([volume]) =>
      new CsiError(
        'ABORTED',
        `Volume ${name} has ${volume?.status?.allocatedCapacityBytes ?? 0} bytes yet, and is to have ${sizeBytes}: ${volume?.status?.message ?? ''}`,
      ),
  });
