import { isConflict } from '@dot-kube/operator';
import { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import { isCommandError } from '../../node/errors.ts';
import type { NodeContext } from './context.ts';
import { numbersOf, type OwnCopy } from './own-copy.ts';

/**
 * Takes this node out of a volume's writer record, if its own look shows that nothing here can write: no mount, no opener,
 * DRBD Secondary. That a pod or a mount of kubelet's is gone proves nothing; what can't be seen counts as in use. While the
 * volume moves here the record stays, and the controller ends the move.
 * @param copy as it is now
 */
export async function giveUpIfUnused(
  context: NodeContext,
  volume: string,
  copy: OwnCopy | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { node, client } = context;
  const record = await client.get(LocalVolumeWriter, volume, { signal });
  if (record?.spec.node !== node || !(await isUnused(context, volume, copy, signal))) return;
  const { node: _node, vgUUID: _group, ...free } = record.spec;
  if (free.moveTo !== undefined) return;
  try {
    await client.update(LocalVolumeWriter, { ...record, spec: free }, { signal });
  } catch (error) {
    // Whoever changed it, it is looked at again.
    if (!isConflict(error)) throw error;
  }
}

async function isUnused(
  { tools }: NodeContext,
  volume: string,
  copy: OwnCopy | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (copy?.data === undefined || copy.replica.spec.volumeName !== volume) return false;
  const numbers = numbersOf(copy);
  if ((await tools.fs.mounts(signal)).some(({ device }) => numbers.includes(device))) return false;
  if (copy.resource === undefined) return !copy.data.open;
  if (copy.resource.role !== 'Primary') return true;
  try {
    // The kernel refuses it while anybody has the device open.
    return (await tools.drbd.demote(volume, signal)).role === 'Secondary';
  } catch (error) {
    if (isCommandError(error, 'DEVICE_IN_USE')) return false;
    throw error;
  }
}
