import type { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import type { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import type { Why } from '../progress.ts';

export interface PowerOffFacts {
  readonly node: string;
  readonly replicas: readonly LocalVolumeReplica[];
  readonly records: readonly LocalVolumeWriter[];
  /** Volumes whose data the node's pools hold, as its agent tells. */
  readonly onDisk: readonly string[];
  /** The person in charge keeps the data on the node. */
  readonly optedOut: boolean;
}

/** Whether a node can be powered off: nothing is published here, and every volume is whole elsewhere or was opted out. */
export function powerOffVerdict({ node, replicas, records, onDisk, optedOut }: PowerOffFacts): Why & { safe: boolean } {
  const published = records.filter(({ spec }) => spec.node === node).map(({ metadata }) => metadata.name);
  if (published.length > 0)
    return { safe: false, reason: 'InUse', message: `Volumes are in use here: ${published.sort().join(', ')}.` };
  const here = replicas.filter(({ spec }) => spec.nodeName === node).map(({ spec }) => spec.volumeName);
  const alone = [...new Set([...here, ...onDisk])].filter((volume) => {
    const record = records.find(({ metadata }) => metadata.name === volume);
    return !record?.spec.inSync.some((member) => member.node !== node);
  });
  if (alone.length > 0 && !optedOut)
    return { safe: false, reason: 'LastCopyHere', message: `Nowhere else: ${alone.sort().join(', ')}.`.slice(0, 8000) };
  return alone.length > 0
    ? {
        safe: true,
        reason: 'OptedOut',
        message: 'The volumes here stay, as the label of the node says, and come back with it.',
      }
    : { safe: true, reason: 'NothingNeeded', message: 'No volume needs this node.' };
}
