import type { LocalStorageNodeEvent } from '../../machines/index.ts';
import type { Evidence, NodeView } from './drain.ts';
import type { DrainPlan } from './drain-plan.ts';

export interface NodeSight {
  readonly agentIsAlive: boolean;
  readonly node: NodeView;
  readonly evidence: Evidence | undefined;
  readonly plan: DrainPlan;
  /** Moves that a drain made and that can still be taken back. */
  readonly isMoving: boolean;
}

/** What was seen of one storage node, as one event. */
export function nodeEvent({ agentIsAlive, node, evidence, plan, isMoving }: NodeSight): LocalStorageNodeEvent {
  if (!agentIsAlive) return { type: 'agent.lost' };
  if (evidence !== undefined) {
    if (!plan.isLeft) return { type: 'drain.done' };
    return plan.unmoved.length > 0 ? { type: 'drain.unmoved', volumes: plan.unmoved } : { type: 'drain.moving' };
  }
  // A node that is gone takes no pods.
  if (node.unschedulable || !node.exists) return { type: isMoving ? 'node.cordoned.moving' : 'node.cordoned' };
  return { type: isMoving ? 'node.schedulable.moving' : 'node.schedulable' };
}
