import type { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { CsiError } from '../grpc/csi-error.ts';
import { NotYet } from './not-yet.ts';
import type { OwnCopy } from './own-copy.ts';

/**
 * The device that the volume is used by on this node. While it is half of a pair that is DRBD's, never the logical volume
 * itself.
 * @throws CsiError with why it can't be used; NotYet where that passes by itself
 */
export function usableDevice(volume: string, node: string, { replica, data, isPaired, resource }: OwnCopy): string {
  const state = replica.status?.state ?? 'not looked at yet';
  const see = `See kubectl describe lvr ${replica.metadata.name}`;
  if (data === undefined && isComing(replica))
    throw new NotYet(`The logical volume of ${volume} on ${node} is being made. ${see}`);
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
    throw new NotYet(`The logical volume of ${volume} on ${node} is not activated yet.`);
  if (data.suspended) throw new NotYet(`I/O of ${volume} on ${node} is suspended: see dmsetup info.`);
  if (!isPaired) return data.path;

  const { phase } = replica.spec.pair ?? {};
  const isUp = resource !== undefined && resource.minor !== undefined && resource.disk !== 'Diskless';
  // Before, the source is being declared good; after, the pair is being taken apart.
  if (!isUp || (phase !== 'Pair' && phase !== 'Settle'))
    throw new NotYet(
      `${volume} is on its way to or from ${node}, and its pair is not ready for use (${phase ?? 'ending'}, ${resource?.disk ?? 'down'}). ${see}`,
    );
  return `/dev/drbd${resource.minor}`;
}

/** A copy that a move makes; one that is lost is not coming. */
const isComing = ({ status }: LocalVolumeReplica): boolean =>
  status?.state === undefined || status.state === 'Creating';
