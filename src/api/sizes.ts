import { mib } from './units.ts';

/** LVM gives whole extents; what is asked for is rounded up to this. */
const extentBytes = mib(4);

export const roundUpToExtent = (sizeBytes: number): number => Math.ceil(sizeBytes / extentBytes) * extentBytes;

/** What is left beside whole extents can't be given to a volume. */
export const roundDownToExtent = (sizeBytes: number): number => Math.floor(sizeBytes / extentBytes) * extentBytes;

/**
 * What DRBD's external metadata of one peer take beside a volume, on both sides of a pair: a bitmap of one bit for 4 KiB
 * (32 MiB for 1 TiB), the activity log, and some slack.
 */
export const metadataBytes = (dataBytes: number): number => roundUpToExtent(mib(1) + Math.ceil(dataBytes / 32_768));
