import { builtin, controller, done, findCondition, type Pass, watch } from '@dot-kube/operator';
import { LocalDiskClaim } from '../../api/local-disk-claim.schema.ts';
import { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import { claimFinalizer } from '../../api/names.ts';
import { claimStatus } from '../claim-status.ts';
import { agentAliveType } from './liveness.ts';

/** Claims of nodes whose agent is not there or does not answer: nobody else would tell what they wait for. */
export const orphanedClaimController = () => {
  /** By claim: which loss of its agent it was told of. Once each, so that an agent that is there after all has the last word. */
  const told = new Map<string, string>();
  const ofNode = ({ metadata }: { metadata: { name: string } }, cache: Pass<LocalDiskClaim>['cache']): string[] =>
    cache.list(LocalDiskClaim, ({ spec }) => spec.nodeName === metadata.name).map((claim) => claim.metadata.name);
  return controller({
    name: 'orphaned-disk-claim',
    resource: LocalDiskClaim,
    watches: [
      // That there is one and its agent lives is all that counts: not what it tells of its pools, each few seconds.
      watch(LocalStorageNode, ofNode, { when: (before, after) => lossOf(before) !== lossOf(after) }),
      watch(builtin.Node, ofNode, { when: (before, after) => before === undefined || after === undefined }),
    ],
    reconcile: async (pass) => {
      const { object: claim, client, status, now, signal } = pass;
      const { metadata, spec } = claim;
      const node = pass.cache.get(LocalStorageNode, spec.nodeName);
      const loss = lossOf(node);
      const isDeleted = metadata.deletionTimestamp !== undefined;
      if (loss === undefined) return done;
      // Nobody can give the disks back any more; an agent that comes back clears the mark of a claim that is gone.
      if (isDeleted && (await client.get(builtin.Node, spec.nodeName, { signal })) === undefined) {
        await letGo(pass);
        return done;
      }
      if (node === undefined) {
        const isNew = ['', 'Pending'].includes(claim.status?.status ?? '');
        const message = `There is no LocalStorageNode ${spec.nodeName}: no such node, or no agent runs on it. See kubectl get lsn.`;
        if (isNew) await status.write(claimStatus(claim, 'Pending', { reason: 'NodeNotFound', message }, now()));
        return done;
      }
      const news = `${loss} ${isDeleted}`;
      if (told.get(metadata.name) === news || (claim.status?.status === 'Consumed' && !isDeleted)) return done;
      await tellOfLostAgent(pass);
      told.set(metadata.name, news);
      return done;
    },
    absent: async ({ name }) => {
      told.delete(name);
      return done;
    },
  });
};

/** Since when a node has no agent, or that it has none at all; undefined while it has one. */
function lossOf(node: Readonly<LocalStorageNode> | undefined): string | undefined {
  if (node === undefined) return 'none';
  const alive = findCondition(node.status?.conditions, agentAliveType);
  return alive?.status === 'False' ? alive.lastTransitionTime : undefined;
}

async function tellOfLostAgent({ object: claim, status, events, now }: Pass<LocalDiskClaim>): Promise<void> {
  const { nodeName } = claim.spec;
  const way =
    claim.metadata.deletionTimestamp === undefined
      ? ''
      : ` If the node is gone for good, delete it (kubectl delete node ${nodeName}): then the claim goes, too.`;
  const message = `The agent of node ${nodeName} does not renew its lease, so nothing is done about this claim until it does. See whether the node is up, and its pod of DaemonSet hwameistor-local-storage runs.${way}`;
  const phase = claim.status?.status || 'Pending';
  await status.write(claimStatus(claim, phase, { reason: 'AgentLost', message }, now()));
  events.emit({ type: 'Warning', reason: 'AgentLost', message });
}

async function letGo({ object: claim, client, signal }: Pass<LocalDiskClaim>): Promise<void> {
  const { finalizers = [] } = claim.metadata;
  if (!finalizers.includes(claimFinalizer)) return;
  const metadata = { ...claim.metadata, finalizers: finalizers.filter((name) => name !== claimFinalizer) };
  await client.update(LocalDiskClaim, { ...claim, metadata }, { signal });
}
