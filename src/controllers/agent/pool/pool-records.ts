import { isDeepStrictEqual } from 'node:util';
import type { LocalDiskClaimSpec } from '../../../api/local-disk-claim.schema.ts';
import type { LocalStorageNodeStatus } from '../../../api/local-storage-node.schema.ts';

export type PoolRecords = NonNullable<LocalStorageNodeStatus['poolExtendRecords']>;

/** So many claims of each pool are kept; the oldest go. */
const kept = 128;

/** Whether each of the pools tells of the claim. */
export const isRecorded = (
  records: PoolRecords | undefined,
  claim: LocalDiskClaimSpec,
  pools: Iterable<string>,
): boolean => [...pools].every((pool) => (records?.[pool] ?? []).some((record) => isDeepStrictEqual(record, claim)));

/** The records of a node with one claim more in each of its pools. */
export function withRecord(
  records: PoolRecords | undefined,
  claim: LocalDiskClaimSpec,
  pools: Iterable<string>,
): PoolRecords {
  const lacking = [...new Set(pools)].filter((pool) => !isRecorded(records, claim, [pool]));
  const grown = lacking.map((pool) => [pool, [...(records?.[pool] ?? []), claim].slice(-kept)] as const);
  return { ...records, ...Object.fromEntries(grown) };
}
