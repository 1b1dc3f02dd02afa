import type { PoolRoom } from '../api/pool-rooms.ts';
import { roundUpToExtent } from '../api/sizes.ts';

export interface PlacementRequest {
  readonly sizeBytes: number;
  /** Empty: any node. */
  readonly among: readonly string[];
  /** As `among`; `default` among them is any. */
  readonly zones?: readonly string[];
  readonly regions?: readonly string[];
  /** Nodes that have the volume already, or may not have it. */
  readonly except: readonly string[];
}

export interface Refusal {
  readonly node: string;
  readonly reason: string;
}

export type Placement = { readonly node: string } | { readonly refusals: readonly Refusal[] };

/**
 * The node with most room left among those that can take the volume; equal ones by name, so that the answer does not
 * hang on the order of a list. When there is none: what speaks against each.
 */
export function place(request: PlacementRequest, rooms: readonly PoolRoom[]): Placement {
  const judged = rooms.map((room) => ({ room, reason: refusalOf(request, room) }));
  const [best] = judged
    .filter(({ reason }) => reason === undefined)
    .map(({ room }) => room)
    .sort((a, b) => b.freeBytes - a.freeBytes || (a.node < b.node ? -1 : 1));
  if (best !== undefined) return { node: best.node };
  return { refusals: judged.map(({ room, reason }) => ({ node: room.node, reason: reason ?? '' })) };
}

const leavesOut = (wanted: readonly string[] = [], value = 'default'): boolean =>
  wanted.length > 0 && !wanted.includes('default') && !wanted.includes(value);

function refusalOf({ sizeBytes, among, zones, regions, except }: PlacementRequest, room: PoolRoom): string | undefined {
  if (among.length > 0 && !among.includes(room.node)) return 'not among the nodes asked for';
  if (leavesOut(zones, room.zone)) return `is in zone ${room.zone ?? 'default'}, not among those asked for`;
  if (leavesOut(regions, room.region)) return `is in region ${room.region ?? 'default'}, not among those asked for`;
  if (except.includes(room.node)) return 'has the volume already';
  if (room.closed !== undefined) return room.closed;
  if (room.freeVolumes < 1) return 'has as many volumes as it may';
  if (room.freeBytes < roundUpToExtent(sizeBytes))
    return `has ${room.freeBytes} bytes free, ${roundUpToExtent(sizeBytes)} are needed`;
  return undefined;
}

/** Refusals in one sentence for a condition. */
export const explainRefusals = (refusals: readonly Refusal[]): string =>
  refusals.length === 0
    ? 'No node has a pool yet.'
    : `No node can take it: ${refusals.map(({ node, reason }) => `${node} ${reason}`).join('; ')}.`;
