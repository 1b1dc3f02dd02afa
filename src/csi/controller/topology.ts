import { topologyNodeKey, volumeLabelKey } from '../../api/names.ts';
import { CsiError } from '../grpc/csi-error.ts';
import type { Topology, TopologyRequirement } from '../proto/csi_pb.js';

/** As many as a LocalVolume names. */
const mostNodes = 64;

/**
 * The nodes that a volume may be put on, those that are preferred first; empty: any node.
 * @throws CsiError INVALID_ARGUMENT for a topology that names no node
 */
export function askedNodes(requirement: TopologyRequirement | undefined): string[] {
  const { preferred = [], requisite = [] } = requirement ?? {};
  return [...new Set([...preferred, ...requisite].map(nodeOf))].slice(0, mostNodes);
}

/** @throws CsiError INVALID_ARGUMENT */
export function nodeOf({ segments }: Pick<Topology, 'segments'>): string {
  const node = segments[topologyNodeKey];
  if (node !== undefined) return node;
  throw new CsiError(
    'INVALID_ARGUMENT',
    `A topology of ${JSON.stringify(segments)} is asked for: volumes are placed by ${topologyNodeKey} alone.`,
  );
}

/** Where pods can use a volume: on nodes with its label, whichever these are at the time. */
export const accessibleTopology = (volume: string): { segments: Record<string, string> }[] => [
  { segments: { [volumeLabelKey(volume)]: 'replica' } },
];
