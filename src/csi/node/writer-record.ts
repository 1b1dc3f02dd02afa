import { isConflict, sleep } from '@dot-kube/operator';
import { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { LocalVolumeWriter, type WriterMember } from '../../api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import { volumeLabelKey } from '../../api/names.ts';
import { CsiError } from '../grpc/csi-error.ts';
import type { NodeContext } from './context.ts';
import type { OwnCopy } from './own-copy.ts';

/** Refusing at once would cost minutes of kubelet's back-off, so a call waits for so long; kubelet gives it two minutes. */
const waitMs = 100_000;
const pollMs = 1_000;

/**
 * Tries again and again until nothing stands in the way that passes by itself.
 * @param attempt tells what does, or does what it is about
 * @throws CsiError `ABORTED` with what stood in the way last
 */
export async function untilWriter(
  { clock }: NodeContext,
  attempt: () => Promise<string | undefined>,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = clock.monotonic();
  for (;;) {
    const obstacle = await attempt();
    if (obstacle === undefined) return;
    if (clock.monotonic() - startedMs > waitMs) throw new CsiError('ABORTED', obstacle);
    await sleep(clock, pollMs, signal);
    if (signal.aborted) throw new CsiError('ABORTED', obstacle);
  }
}

/**
 * Makes this node the writer of a volume, if it may be.
 * @returns what stands in the way for now; undefined when this node is the writer
 * @throws CsiError `NOT_FOUND`, `FAILED_PRECONDITION`
 */
export async function tryToTake(
  { node, client }: NodeContext,
  volume: string,
  copy: OwnCopy | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const record = await client.get(LocalVolumeWriter, volume, { signal });
  if (record === undefined || copy === undefined) {
    const object = await client.get(LocalVolume, volume, { signal });
    if (object === undefined) throw new CsiError('NOT_FOUND', `There is no volume ${volume}.`);
    if (copy === undefined)
      return `${node} has no copy of ${volume}. It can be used where kubectl get nodes -l ${volumeLabelKey(volume)}=replica shows.`;
    return `${volume} has no writer record, so nobody may write: see kubectl describe lv ${volume}.`;
  }
  const { spec } = record;
  if (spec.volumeId !== copy.replica.spec.volumeId)
    throw new CsiError(
      'FAILED_PRECONDITION',
      `The copy of ${volume} on ${node} belongs to an earlier volume of that name.`,
    );
  if (spec.delete) throw new CsiError('FAILED_PRECONDITION', `${volume} is being deleted.`);
  const { volumeGroupUUID } = copy.replica.status ?? {};
  const isMe = (member: WriterMember | undefined): boolean =>
    member?.node === node && member.vgUUID === volumeGroupUUID;
  if (spec.node === node && spec.vgUUID === volumeGroupUUID) return undefined;
  if (spec.node !== undefined)
    return `${spec.node} has ${volume} open still; it is used on ${node} once nothing on ${spec.node} does: no mount, no process. A node that is off for good is told by the taint node.kubernetes.io/out-of-service.`;
  if (spec.moveTo !== undefined && !isMe(spec.moveTo))
    return `${volume} moves to ${spec.moveTo.node}, and is used there until it is there.`;
  if (volumeGroupUUID === undefined || !(isMe(spec.moveTo) || spec.inSync.some(isMe)))
    return `The copy of ${volume} on ${node} is not in sync: it may lack what was written elsewhere. See kubectl get lvw ${volume}`;
  const newer = await newerCopy(client, record, copy, signal);
  if (newer !== undefined)
    throw new CsiError(
      'FAILED_PRECONDITION',
      `The writer record of ${volume} has epoch ${spec.epoch}, the copy on ${newer.node} ${newer.epoch}: the record was set back, and nobody may write until it is made anew from the copies. See kubectl describe lv ${volume}`,
    );
  try {
    await client.update(LocalVolumeWriter, { ...record, spec: { ...spec, node, vgUUID: volumeGroupUUID } }, { signal });
    return undefined;
  } catch (error) {
    if (isConflict(error)) return `The writer record of ${volume} changes; it is looked at again.`;
    throw error;
  }
}

/** A copy whose own tags are from after the record: the one here as it is now, those of other nodes as their agents tell. */
async function newerCopy(
  client: NodeContext['client'],
  { spec: { epoch, volumeId, volumeName } }: LocalVolumeWriter,
  here: OwnCopy,
  signal: AbortSignal,
): Promise<{ node: string; epoch: number } | undefined> {
  const own = { node: here.replica.spec.nodeName, epoch: here.tags.epoch ?? 0 };
  if (own.epoch > epoch) return own;
  const { items } = await client.list(LocalVolumeReplica, { fieldSelector: `spec.volumeName=${volumeName}`, signal });
  return items
    .filter(({ spec }) => spec.volumeId === volumeId && spec.nodeName !== own.node)
    .map(({ spec, status }) => ({ node: spec.nodeName, epoch: status?.epoch ?? 0 }))
    .find((other) => other.epoch > epoch);
}
