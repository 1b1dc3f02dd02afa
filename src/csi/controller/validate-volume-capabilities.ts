import { LocalVolume } from '../../api/local-volume.schema.ts';
import { CsiError } from '../grpc/csi-error.ts';
import type { ValidateVolumeCapabilitiesRequest } from '../proto/csi_pb.js';
import { refusalOf } from './capabilities.ts';
import type { Task } from './task.ts';

/** Says whether a volume can be used in all of these ways. */
export async function validateVolumeCapabilities({ client, signal }: Task, request: ValidateVolumeCapabilitiesRequest) {
  const { volumeId, volumeCapabilities, volumeContext, parameters, mutableParameters } = request;
  if (volumeId === '') throw new CsiError('INVALID_ARGUMENT', 'The call names no volume.');
  if (volumeCapabilities.length === 0)
    throw new CsiError('INVALID_ARGUMENT', 'The call says not how the volume is used.');
  if ((await client.get(LocalVolume, volumeId, { signal })) === undefined)
    throw new CsiError('NOT_FOUND', `There is no volume ${volumeId}.`);
  const refusals = volumeCapabilities.map(refusalOf).filter((refusal) => refusal !== undefined);
  if (refusals.length > 0) return { message: `${refusals.join('; ')}.` };
  return { confirmed: { volumeContext, volumeCapabilities, parameters, mutableParameters } };
}
