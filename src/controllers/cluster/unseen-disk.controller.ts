import { controller, done, findCondition, watch } from '@dot-kube/operator';
import { LocalDisk } from '../../api/local-disk.schema.ts';
import { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import { agentAliveType } from './liveness.ts';

const agentIsDead = (node: Readonly<LocalStorageNode> | undefined): boolean =>
  findCondition(node?.status?.conditions, agentAliveType)?.status === 'False';

/**
 * Disks of a node whose agent is not alive: whether they are there nobody knows, though the last look says so. The agent
 * says it again with its first look.
 */
export const unseenDiskController = () =>
  controller({
    name: 'unseen-disk',
    resource: LocalDisk,
    watches: [
      watch(
        LocalStorageNode,
        ({ metadata }, cache) =>
          cache.list(LocalDisk, ({ spec }) => spec.nodeName === metadata.name).map((disk) => disk.metadata.name),
        { when: (before, after) => agentIsDead(before) !== agentIsDead(after) },
      ),
    ],
    reconcile: async ({ object: disk, cache, client }) => {
      const { spec } = disk;
      if (spec.state === 'Active' && agentIsDead(cache.get(LocalStorageNode, spec.nodeName)))
        await client.update(LocalDisk, { ...disk, spec: { ...spec, state: 'Unknown' } });
      return done;
    },
  });
