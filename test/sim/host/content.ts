import type { Signature } from '../../../src/api/observed/index.ts';

/**
 * What a device holds. Data is one token: whoever copies a device copies the token, so that a test sees at once where
 * which data stands. `undefined` is a device nobody wrote to since its signatures were wiped.
 */
export interface Content {
  data: string | undefined;
  signatures: Signature[];
  drbd: ReplicationMetadata | undefined;
  /** Room that the file system on it has. */
  fileSystemBytes?: number;
}

/** Data generations as DRBD keeps them; `current: undefined` is metadata never used. */
export interface ReplicationMetadata {
  current: number | undefined;
  /** The generation the peer had when this side went on without it. */
  bitmap: number | undefined;
  /** Generations this side left behind. */
  history: number[];
  consistent: boolean;
  wasUpToDate: boolean;
  peerOutdated: boolean;
  outOfSyncBytes: number;
}

export const emptyContent = (): Content => ({ data: undefined, signatures: [], drbd: undefined });

/** The data of a copy in the middle of a resync: some blocks old, some new, good for nothing. */
export const torn = 'torn';

/** As `drbdmeta create-md` makes it. */
export const freshMetadata = (): ReplicationMetadata => ({
  current: undefined,
  bitmap: undefined,
  history: [],
  consistent: false,
  wasUpToDate: false,
  peerOutdated: false,
  outOfSyncBytes: 0,
});
