import { mib } from '../../api/units.ts';

/** From this size on a disk gets a metadata area for a dense node. */
const roomyBytes = mib(1024);

/**
 * Up to here a roomy disk belongs to LVM itself: a label of 4 KiB and the metadata area, half of which holds the text that
 * describes the group. 8 MiB less the label is a size that LVM takes as it is, so that the first extent begins at 8 MiB
 * (seen with 2.03.16); LVM's own choice of 1 MiB describes an eighth of the volumes, and can't be changed later.
 */
export const metadataArea = (sizeBytes: number): string[] =>
  sizeBytes >= roomyBytes ? ['--metadatasize', `${8 * 1024 - 4}k`] : [];
