import { findCondition, isConflict } from '@dot-kube/operator';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import { type GrowthObstacle, growthObstacle, undersizedCopies } from '../../api/volume-growth.ts';
import { type CsiCode, CsiError } from '../grpc/csi-error.ts';
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
    const larger = { ...volume, spec: { ...volume.spec, requiredCapacityBytes: sizeBytes } };
    await requireRoom(task, larger);
    try {
      return await client.update(LocalVolume, larger, { signal });
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}

const codeOf: Record<GrowthObstacle['reason'], CsiCode> = {
  RawBlock: 'INVALID_ARGUMENT',
  TooLarge: 'OUT_OF_RANGE',
  Moving: 'ABORTED',
  NoRoom: 'RESOURCE_EXHAUSTED',
};

async function requireRoom({ client, signal }: Task, volume: LocalVolume): Promise<void> {
  const view = await poolView(client, signal);
  const obstacle = growthObstacle(volume, undersizedCopies(volume, view.replicas), view);
  if (obstacle !== undefined) throw new CsiError(codeOf[obstacle.reason], obstacle.message);
}

/** @returns the bytes of each copy */
const untilGrown = (task: Task, { metadata: { name, uid } }: LocalVolume, sizeBytes: number): Promise<number> =>
  watchUntil(task, LocalVolume, named(name), {
    judge: ([volume]) => {
      if (volume === undefined || volume.metadata.uid !== uid || volume.spec.delete)
        throw new CsiError('NOT_FOUND', `Volume ${name} was deleted while it grew.`);
      const { allocatedCapacityBytes = 0, conditions } = volume.status ?? {};
      const blocked = findCondition(conditions, 'ExpansionBlocked');
      // Others took the room after it was looked for. The order stands, and is carried out once there is room again.
      if (blocked?.status === 'True' && blocked.reason === 'NoRoom')
        throw new CsiError('RESOURCE_EXHAUSTED', blocked.message);
      return allocatedCapacityBytes >= sizeBytes ? allocatedCapacityBytes : undefined;
    },
    overdue: ([volume]) =>
      new CsiError(
        'ABORTED',
        `Volume ${name} has ${volume?.status?.allocatedCapacityBytes ?? 0} bytes yet, and is to have ${sizeBytes}: ${volume?.status?.message ?? ''}`,
      ),
  });
