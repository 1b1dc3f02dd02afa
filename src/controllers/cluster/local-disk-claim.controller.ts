import { controller, done, specChanged, watch } from '@dot-kube/operator';
import { LocalDiskClaim } from '../../api/local-disk-claim.schema.ts';
import { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import { claimStatus } from '../claim-status.ts';

/** Claims of nodes that have no agent: nobody else would ever tell what they wait for. */
export const orphanedClaimController = () =>
  controller({
    name: 'orphaned-disk-claim',
    resource: LocalDiskClaim,
    watches: [
      // That there is one is all that counts: not what it tells of its pools, each few seconds.
      watch(
        LocalStorageNode,
        ({ metadata }, cache) =>
          cache.list(LocalDiskClaim, ({ spec }) => spec.nodeName === metadata.name).map((claim) => claim.metadata.name),
        { when: specChanged },
      ),
    ],
    reconcile: async ({ object: claim, cache, status, now }) => {
      const { nodeName } = claim.spec;
      const isNew = ['', 'Pending'].includes(claim.status?.status ?? '');
      if (!isNew || cache.get(LocalStorageNode, nodeName) !== undefined) return done;
      const message = `There is no LocalStorageNode ${nodeName}: no such node, or no agent runs on it. See kubectl get lsn.`;
      await status.write(claimStatus(claim, 'Pending', { reason: 'NodeNotFound', message }, now()));
      return done;
    },
  });
