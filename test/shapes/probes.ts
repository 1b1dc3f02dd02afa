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
