import { CsiError } from '../grpc/csi-error.ts';
import type { OwnCopy } from './own-copy.ts';

/**
 * The device that the volume is used by on this node. While it is half of a pair that is DRBD's, never the logical volume
 * itself.
 * @throws CsiError when it can't be used now, with why
 */
export function usableDevice(volume: string, node: string, { replica, data, isPaired, resource }: OwnCopy): string {
  const state = replica.status?.state ?? 'not looked at yet';
  const see = `See kubectl describe lvr ${replica.metadata.name}`;
  if (data === undefined)
    throw new CsiError(
      'FAILED_PRECONDITION',
      `The logical volume of ${volume} is not on ${node}, or not marked as its copy; the replica is ${state}. It is not made anew, as it would be empty. ${see}`,
    );
  if (data.health !== '')
    throw new CsiError(
      'FAILED_PRECONDITION',
      `A disk below ${volume} on ${node} is missing (lvm: ${data.health}). Plug it in again: the volume heals by itself. ${see}`,
    );
  if (!data.active || data.majorMinor === undefined)
    throw new CsiError('ABORTED', `The logical volume of ${volume} on ${node} is not activated yet.`);
  if (data.suspended) throw new CsiError('ABORTED', `I/O of ${volume} on ${node} is suspended: see dmsetup info.`);
  if (!isPaired) return data.path;

  const { phase } = replica.spec.pair ?? {};
  const isUp = resource !== undefined && resource.minor !== undefined && resource.disk !== 'Diskless';
  // Before, the source is being declared good; after, the pair is being taken apart.
  if (!isUp || (phase !== 'Pair' && phase !== 'Settle'))
    throw new CsiError(
      'ABORTED',
      `${volume} is on its way to or from ${node}, and its pair is not ready for use (${phase ?? 'ending'}, ${resource?.disk ?? 'down'}). ${see}`,
    );
  return `/dev/drbd${resource.minor}`;
}
