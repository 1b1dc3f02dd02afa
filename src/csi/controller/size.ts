import { maxBytes, minVolumeBytes } from '../../api/fields.ts';
import { smallestBytes } from '../../api/file-systems.ts';
import { roundDownToExtent, roundUpToExtent } from '../../api/sizes.ts';
import { gib, mib } from '../../api/units.ts';
import { CsiError } from '../grpc/csi-error.ts';
import type { CapacityRange } from '../proto/csi_pb.js';
import type { WantedContent } from './capabilities.ts';

const leastBytes: Readonly<Record<WantedContent, number>> = { ...smallestBytes, block: minVolumeBytes };

/** Of a volume for which nothing is asked. */
const usualBytes = gib(1);

export interface WantedSize {
  /** Whole extents. */
  readonly sizeBytes: number;
  /** It must not be larger; absent: it may. */
  readonly limitBytes?: number;
}

type Range = Pick<CapacityRange, 'requiredBytes' | 'limitBytes'>;

/**
 * The size that a call asks for, as LVM gives it.
 * @throws CsiError INVALID_ARGUMENT for a range that is none, OUT_OF_RANGE for one that no volume is in
 */
export function wantedSize(range: Range | undefined, content: WantedContent): WantedSize {
  const { requiredBytes: required = 0n, limitBytes: limit = 0n } = range ?? {};
  if (required < 0n || limit < 0n || (limit > 0n && limit < required))
    throw new CsiError('INVALID_ARGUMENT', `A size of ${required} bytes with a limit of ${limit} is none.`);
  if (required > BigInt(maxBytes))
    throw new CsiError('OUT_OF_RANGE', `${required} bytes are asked for; a volume has ${maxBytes} at most.`);
  const limitBytes = limit === 0n ? undefined : Math.min(Number(limit), maxBytes);
  const least = leastBytes[content];
  if (required > 0n && Number(required) < least)
    throw new CsiError(
      'OUT_OF_RANGE',
      `${required} bytes are asked for; ${content} needs ${least / mib(1)} MiB (${least} bytes) at least.`,
    );
  const sizeBytes =
    required > 0n
      ? roundUpToExtent(Number(required))
      : Math.max(least, roundDownToExtent(Math.min(usualBytes, limitBytes ?? usualBytes)));
  if (limitBytes !== undefined && sizeBytes > limitBytes)
    throw new CsiError(
      'OUT_OF_RANGE',
      `The volume would have ${sizeBytes} bytes, more than the limit of ${limitBytes}: LVM gives whole extents of 4 MiB, and ${content} needs ${least} bytes.`,
    );
  return { sizeBytes, ...(limitBytes === undefined ? {} : { limitBytes }) };
}

/** Whether a volume of that size is what was asked for. */
export const fits = (bytes: number, { sizeBytes, limitBytes = maxBytes }: WantedSize): boolean =>
  bytes >= sizeBytes && bytes <= limitBytes;
