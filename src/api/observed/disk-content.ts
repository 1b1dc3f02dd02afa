import type { Signature } from './signature-probe.ts';

/** A signature of a disk or of one of its partitions. */
export interface PlacedSignature extends Signature {
  /** What the partition's name adds to the disk's, e.g. `1`, `p1`; absent for the disk itself. */
  readonly partition?: string;
}

/** What wiping a disk would take: compared as a whole, so that nothing goes that nobody saw. */
export interface DiskMarks {
  readonly signatures: readonly PlacedSignature[];
  /** What the partitions' names add to the disk's, sorted. */
  readonly partitions: readonly string[];
}

/** A disk with all that stands on it, partitions included. */
export interface DiskContent extends DiskMarks {
  /** Why it must not be wiped as it is, in words; absent: nothing speaks against that but its content. */
  readonly blocker?: string;
  /** It was read, and neither signature nor partition was found. */
  readonly blank: boolean;
}
