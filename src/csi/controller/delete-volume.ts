import { isConflict } from '@dot-kube/operator';
import { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import { CsiError } from '../grpc/csi-error.ts';
import type { DeleteVolumeRequest } from '../proto/csi_pb.js';
import type { Task } from './task.ts';
import { named, watchUntil } from './watch-until.ts';

/** Kubelet takes a volume down a moment after its pod is gone, which is when its claim may go. */
const letGoMs = 10_000;

/**
 * Orders a volume to be deleted with all its data, and answers when it is gone. While a node has it open the order stands,
 * and is carried out when that node is through with it.
 */
export async function deleteVolume(task: Task, { volumeId }: DeleteVolumeRequest): Promise<object> {
  if (volumeId === '') throw new CsiError('INVALID_ARGUMENT', 'The call names no volume.');
  const ordered = await order(task, volumeId);
  if (ordered === undefined) return {};
  await untilLetGo(task, ordered);
  await orderGone(task, ordered);
  return {};
}

/** @returns undefined when there is no such volume */
async function order({ client, signal }: Task, name: string): Promise<LocalVolume | undefined> {
  for (;;) {
    const volume = await client.get(LocalVolume, name, { signal });
    if (volume === undefined || volume.spec.delete) return volume;
    try {
      return await client.update(LocalVolume, { ...volume, spec: { ...volume.spec, delete: true } }, { signal });
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}

const untilLetGo = (task: Task, { metadata: { name }, spec: { config } }: LocalVolume): Promise<true> =>
  watchUntil(task, LocalVolumeWriter, named(name), {
    withinMs: letGoMs,
    judge: ([record]) => record?.spec.node === undefined || record.spec.volumeId !== config?.volumeId || undefined,
    overdue: ([record]) =>
      new CsiError(
        'FAILED_PRECONDITION',
        `Node ${record?.spec.node} has volume ${name} open. It is deleted once no pod there uses it; kubectl get pods -A -o wide --field-selector spec.nodeName=${record?.spec.node} shows the pods.`,
      ),
  });

/** Waits until nothing is left of a volume that was ordered to be deleted but what nodes hold that are away. */
export const orderGone = (task: Task, { metadata: { name, uid } }: LocalVolume): Promise<true> =>
  watchUntil(task, LocalVolume, named(name), {
    judge: async ([volume]) =>
      volume === undefined || volume.metadata.uid !== uid || (await isLeftToAbsentNodes(task, volume)) || undefined,
    overdue: ([volume]) =>
      new CsiError('ABORTED', `Volume ${name} is not deleted yet: ${volume?.status?.message ?? 'nobody looked at it'}`),
  });

/** Such a copy stays as a tombstone: it goes when its node is back, and nothing else waits for that. */
async function isLeftToAbsentNodes({ client, signal }: Task, { metadata: { name }, spec }: LocalVolume) {
  const { items } = await client.list(LocalVolumeReplica, { fieldSelector: `spec.volumeName=${name}`, signal });
  const own = items.filter((replica) => replica.spec.volumeId === spec.config?.volumeId);
  if (own.length === 0 || own.some((replica) => !replica.spec.delete)) return false;
  const nodes = await Promise.all(
    own.map(({ spec: { nodeName } }) => client.get(LocalStorageNode, nodeName, { signal })),
  );
  return nodes.every((node) => node === undefined || node.status?.state === 'Offline');
}
