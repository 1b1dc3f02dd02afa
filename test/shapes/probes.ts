import type { Recordings } from './shape.ts';

const listing = (signatures: readonly object[]) => ({ stdout: JSON.stringify({ signatures }) });
const readable = { dd: {}, cmp: { exitCode: 1 } };

/** Zeros at both ends, and no prober finds a thing. */
export const blank: Recordings = {
  dd: {},
  cmp: {},
  'blkid --probe': { exitCode: 2 },
  'wipefs --json': listing([]),
};

/** The same of a partition: blkid tells where it stands in its table, and of its content nothing. */
export const blankPartition: Recordings = {
  ...blank,
  'blkid --probe': {
    stdout: `DEVNAME=/dev/sdb1
PART_ENTRY_SCHEME=gpt
PART_ENTRY_UUID=eb322efb-80d5-9243-a643-cde09270cd7f
PART_ENTRY_TYPE=0fc63daf-8483-4772-8e79-3d69d8477de4
PART_ENTRY_NUMBER=1
PART_ENTRY_OFFSET=2048
PART_ENTRY_SIZE=204800
PART_ENTRY_DISK=8:16
`,
  },
};

/** One signature a place, as wipefs lists them. */
export type Found = readonly [offset: string, type: string, uuid?: string];

/** What `blkid --probe --output export` and `wipefs --json` print. */
export const holding = (blkid: string, ...found: Found[]): Recordings => ({
  ...readable,
  'blkid --probe': { stdout: blkid },
  'wipefs --json': listing(
    found.map(([offset, type, uuid = null]) => ({ device: 'sdb', offset, type, uuid, label: null })),
  ),
});

/** The same, while a process has the device for itself alone. */
export const heldBySomebody = (recordings: Recordings): Recordings => ({ ...recordings, open: { stderr: 'EBUSY' } });

export const unreadable = (why: string): Recordings => ({ dd: { exitCode: 1, stderr: `dd: ${why}\n` } });
