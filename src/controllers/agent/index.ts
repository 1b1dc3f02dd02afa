import type { Controller } from '@dot-kube/operator';
import type { AgentContext } from './context.ts';
import { diskEvacuationController } from './evacuation/disk-evacuation.controller.ts';
import { localDiskClaimController } from './claim/local-disk-claim.controller.ts';
import { agentNodeController } from './node/local-storage-node.controller.ts';
import { localVolumeReplicaController } from './replica/local-volume-replica.controller.ts';

export type { AgentContext } from './context.ts';
export { keepLease } from './node/lease.ts';
export { registerNode } from './node/local-storage-node.controller.ts';

/** Everything that an agent does with its node, and with objects of its node alone. */
export const agentControllers = (agent: AgentContext): Controller[] => [
  agentNodeController(agent),
  localDiskClaimController(agent),
  diskEvacuationController(agent),
  localVolumeReplicaController(agent),
];
