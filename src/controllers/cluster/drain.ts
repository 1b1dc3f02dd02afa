/** A pod as far as a drain cares. */
export interface PodView {
  readonly name: string;
  /** It succeeded or failed for good. */
  readonly finished: boolean;
  readonly ofDaemonSet: boolean;
  /** Made by kubelet from a file; no drain can evict it. */
  readonly mirror: boolean;
  /** An eviction through the API took it: condition DisruptionTarget, reason EvictionByEvictionAPI, and it is on its way out. */
  readonly evicted: boolean;
}

export interface NodeView {
  readonly exists: boolean;
  readonly unschedulable: boolean;
  /** Label `hwameistor.io/eviction`. */
  readonly eviction: string | undefined;
  readonly pods: readonly PodView[];
}

export interface Evidence {
  /** One CamelCase word: Evicted, NoEvictablePod, Requested. */
  readonly reason: string;
  /** RFC 3339. */
  readonly since: string;
}

export interface DrainView {
  /** Evidence that was saved before. */
  readonly saved: Evidence | undefined;
  /** Since when no pod that a drain would evict is on the cordoned node, in ms; undefined while there is one. */
  readonly emptySinceMs: number | undefined;
  readonly graceMs: number;
  readonly nowMs: number;
}

/** A drain would evict it and wait for it. */
export const isEvictable = ({ finished, ofDaemonSet, mirror }: PodView): boolean =>
  !finished && !ofDaemonSet && !mirror;

export const isCordonedAndEmpty = ({ exists, unschedulable, pods }: NodeView): boolean =>
  exists && unschedulable && !pods.some(isEvictable);

/**
 * Why a node counts as drained; undefined when it does not. A cordon alone never counts while a pod that a drain would
 * evict is there; with none left, a cordon and a drain are one and the same to the API server, and count as a drain after
 * a grace. What was seen once stays true until the node takes pods again or is opted out.
 */
export function drainEvidence(
  node: NodeView,
  { saved, emptySinceMs, graceMs, nowMs }: DrainView,
): Evidence | undefined {
  if (node.eviction === 'disable') return undefined;
  const since = new Date(nowMs).toISOString();
  if (node.eviction === 'start') return saved?.reason === 'Requested' ? saved : { reason: 'Requested', since };
  if (!node.unschedulable) return undefined;
  if (saved !== undefined && saved.reason !== 'Requested') return saved;
  if (node.pods.some(({ evicted }) => evicted)) return { reason: 'Evicted', since };
  return emptySinceMs !== undefined && nowMs - emptySinceMs >= graceMs
    ? { reason: 'NoEvictablePod', since }
    : undefined;
}
