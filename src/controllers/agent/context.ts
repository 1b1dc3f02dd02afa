import type { HostTools } from '../../node/tools.ts';
import type { ClusterIdentity } from '../cluster-identity.ts';

/** What every controller of an agent works with. */
export interface AgentContext {
  /** Name of this node; nothing of another node is looked at. */
  readonly node: string;
  readonly tools: HostTools;
  readonly cluster: ClusterIdentity;
}
