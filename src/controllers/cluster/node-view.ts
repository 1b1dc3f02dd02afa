import type { Node, Pod } from '@dot-kube/operator';
import { evictionLabel } from '../../api/names.ts';
import type { NodeView, PodView } from './drain.ts';

/** A node with its pods, as far as a drain cares. */
export const nodeViewOf = (node: Node | undefined, pods: readonly Pod[]): NodeView => ({
  exists: node !== undefined,
  unschedulable: node?.spec?.unschedulable === true,
  cordonedAt: node?.spec?.taints?.find(({ key }) => key === 'node.kubernetes.io/unschedulable')?.timeAdded,
  eviction: node?.metadata.labels?.[evictionLabel],
  pods: pods.map(podViewOf),
});

function podViewOf({ metadata, status }: Pod): PodView {
  const disruption = status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return {
    name: metadata.name,
    finished: status?.phase === 'Succeeded' || status?.phase === 'Failed',
    ofDaemonSet: metadata.ownerReferences?.some(({ kind, controller }) => kind === 'DaemonSet' && controller) ?? false,
    mirror: metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined,
    // Pressure, preemption, taints and shutdown set the same condition with other reasons, and are no drain.
    createdMs: metadata.creationTimestamp === undefined ? undefined : Date.parse(metadata.creationTimestamp),
    evicted: metadata.deletionTimestamp !== undefined && disruption?.reason === 'EvictionByEvictionAPI',
  };
}
