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
  /** In ms; undefined where the server does not say. */
  readonly createdMs: number | undefined;
}

export interface NodeView {
  readonly exists: boolean;
  readonly unschedulable: boolean;
  /** When it was cordoned, RFC 3339, by Kubernetes' own taint; a node may lack it, for a moment or for good. */
  readonly cordonedAt: string | undefined;
  /** Label `hwameistor.io/eviction`. */
  readonly eviction: string | undefined;
  readonly pods: readonly PodView[];
}

export interface Evidence {
  /** One CamelCase word: Evicted, NoEvictablePod, Requested. */
  readonly reason: string;
  /** RFC 3339. */
  readonly since: string;
  /** The cordon that it belongs to, where the node said; after another one it counts no more. */
  readonly cordonedAt?: string;
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

/** The taint may follow its cordon, and clocks may differ, by so much. */
const taintLagMs = 60_000;

/**
 * Whether saved evidence is of the cordon that stands now: nobody may have been looking while the node was uncordoned and
 * cordoned again. Known by the time of the taint; where that says nothing, a pod that came to the node since tells.
 */
function isOfThisCordon(saved: Evidence, { cordonedAt, pods }: NodeView): boolean {
  const sinceMs = Date.parse(saved.since);
  if (saved.cordonedAt !== undefined) return saved.cordonedAt === cordonedAt;
  if (cordonedAt !== undefined && Date.parse(cordonedAt) > sinceMs + taintLagMs) return false;
  return !pods.some((pod) => isEvictable(pod) && !pod.evicted && (pod.createdMs ?? 0) > sinceMs);
}

/**
 * Why a node counts as drained; undefined when it does not. A cordon alone never counts while a pod that a drain would
 * evict is there; with none left, a cordon and a drain are one and the same to the API server, and count as a drain after
 * a grace. What was seen once stays true until the node takes pods again or is opted out; a Node object that is gone
 * says neither.
 */
export function drainEvidence(
  node: NodeView,
  { saved, emptySinceMs, graceMs, nowMs }: DrainView,
): Evidence | undefined {
  if (!node.exists) return saved;
  if (node.eviction === 'disable') return undefined;
  const since = new Date(nowMs).toISOString();
  const cordon = node.cordonedAt === undefined ? {} : { cordonedAt: node.cordonedAt };
  if (node.eviction === 'start') return saved?.reason === 'Requested' ? saved : { reason: 'Requested', since };
  if (!node.unschedulable) return undefined;
  if (saved !== undefined && saved.reason !== 'Requested' && isOfThisCordon(saved, node))
    return { ...saved, ...cordon };
  if (node.pods.some(({ evicted }) => evicted)) return { reason: 'Evicted', since, ...cordon };
  return emptySinceMs !== undefined && nowMs - emptySinceMs >= graceMs
    ? { reason: 'NoEvictablePod', since, ...cordon }
    : undefined;
}
