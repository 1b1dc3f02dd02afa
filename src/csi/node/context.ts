import type { Client, Clock, Log } from '@dot-kube/operator';
import type { HostTools } from '../../node/tools.ts';

/** What the CSI service of one node works with. */
export interface NodeContext {
  /** Kubernetes' name of this node. */
  readonly node: string;
  readonly clusterId: string;
  /** Kubelet's folder, `/var/lib/kubelet` as a rule. */
  readonly kubeletDir: string;
  readonly client: Client;
  readonly tools: HostTools;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the agent ends. */
  readonly until: AbortSignal;
}
