import { apiVersionOf, type EmittedEvent, findCondition } from '@dot-kube/operator';
import { LocalDisk } from '../../../api/local-disk.schema.ts';
import type { ToldReport } from './disk-reports.ts';

/** What a disk says of its own health, as its condition `Healthy` tells. */
export interface DiskHealth {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** What of a disk's health follows for a person. */
export const failingWords = 'The disk says of itself that it is failing (SMART): it may lose what is on it any time.';

/** Nobody can ask a disk that is not there. */
export const healthOfAbsent: DiskHealth = {
  status: 'Unknown',
  reason: 'Away',
  message: 'The disk is not plugged in, so nobody can ask it.',
};

/** @param place its path, and where a pool has the disk that pool and the name of its LocalDisk */
export function healthOf(
  report: ToldReport,
  { path, pool, name }: { path: string; pool: string | undefined; name: string },
): DiskHealth {
  const { verdict, unasked } = report;
  if (verdict === 'Passed')
    return { status: 'True', reason: 'Passed', message: 'The disk judges itself sound (SMART).' };
  if (verdict === 'Failed')
    return {
      status: 'False',
      reason: 'Failing',
      message: `${failingWords} ${
        pool === undefined
          ? 'No claim takes it. Replace it.'
          : `Volumes of pool ${pool} stand on it. To have them moved to the pool’s other disks: kubectl label localdisk ${name} hwameistor.io/eviction=start. Then replace it.`
      } What it tells, typed on the node: smartctl -a ${path}`,
    };
  return {
    status: 'Unknown',
    reason: unasked === undefined ? 'NotTold' : 'NotAsked',
    message:
      unasked === undefined
        ? 'The disk tells nothing of its health (SMART), as virtual disks, and those behind some controllers. That says nothing against it.'
        : `The disk could not be asked for its health: ${unasked}. That says nothing against it.`,
  };
}

/** What a person is told when it changes: that a disk fails, and that it does no longer. */
export function healthEvent(disk: LocalDisk, { status, reason, message }: DiskHealth): EmittedEvent[] {
  const before = findCondition(disk.status?.conditions, 'Healthy')?.status;
  const regarding = { ...disk, apiVersion: apiVersionOf(LocalDisk), kind: LocalDisk.kind };
  if (status === 'False' && before !== 'False')
    return [{ type: 'Warning', reason: `Disk${reason}`, message: `${disk.spec.devicePath}: ${message}`, regarding }];
  if (status === 'True' && before === 'False')
    return [{ type: 'Normal', reason: 'DiskHealthy', message: `${disk.spec.devicePath}: ${message}`, regarding }];
  return [];
}
