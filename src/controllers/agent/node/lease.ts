import { builtin, type Client, type Clock, type Log, sleep } from '@dot-kube/operator';
import { agentLeaseName, namespace } from '../../../api/names.ts';

export interface LeaseOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly node: string;
  readonly renewMs?: number;
}

/**
 * Shows that this agent lives, until `signal` aborts. A renewal that fails is tried again at the next beat: whoever
 * watches goes by the changes that it sees, not by the times written here.
 */
export async function keepLease({ client, clock, log, node, renewMs = 5_000 }: LeaseOptions, signal: AbortSignal) {
  const name = agentLeaseName(node);
  while (!signal.aborted) {
    const renewTime = new Date(clock.now()).toISOString().replace(/Z$/, '000Z');
    const spec = { holderIdentity: node, leaseDurationSeconds: Math.ceil((renewMs * 3) / 1000), renewTime };
    try {
      await client.apply(
        builtin.Lease,
        { metadata: { name, namespace }, spec },
        { fieldManager: 'hwameistor-agent', force: true, signal },
      );
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'Could not renew the lease of the agent');
    }
    await sleep(clock, renewMs, signal);
  }
}
