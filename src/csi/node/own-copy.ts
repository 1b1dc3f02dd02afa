import { isDeepStrictEqual } from 'node:util';
import { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { metadataVolumeName, replicaName } from '../../api/names.ts';
import { describes, type DrbdResource, type LogicalVolume } from '../../api/observed/index.ts';
import { type LogicalVolumeTags, logicalVolumeTags, parseLogicalVolumeTags } from '../../api/tags.ts';
import type { NodeContext } from './context.ts';

/** The copy of a volume on this node, as its object, LVM and DRBD show it now. */
export interface OwnCopy {
  readonly replica: LocalVolumeReplica;
  /** The logical volume, known as this copy by its tags. Absent: it is not there, or somebody else's. */
  readonly data: LogicalVolume | undefined;
  readonly tags: Partial<LogicalVolumeTags>;
  /** The volume moves, or something of a move is left: the logical volume itself must not be opened. */
  readonly isPaired: boolean;
  /** What the kernel runs for it. */
  readonly resource: DrbdResource | undefined;
}

/** @returns undefined when this node has no replica of the volume */
export async function ownCopy(
  { node, clusterId, client, tools }: NodeContext,
  volume: string,
  signal: AbortSignal,
): Promise<OwnCopy | undefined> {
  const replica = await client.get(LocalVolumeReplica, replicaName(volume, node), { signal });
  const { volumeId } = replica?.spec ?? {};
  if (replica === undefined || volumeId === undefined) return undefined;
  const volumes = (await tools.lvm.logicalVolumes(signal)).filter(
    ({ volumeGroup }) => volumeGroup.uuid === replica.status?.volumeGroupUUID,
  );
  const marked = (name: string, role: string): LogicalVolume | undefined =>
    volumes.find((found) => {
      const { tags } = parseLogicalVolumeTags(found.tags);
      return found.name === name && tags.cluster === clusterId && tags.volume === volumeId && tags.role === role;
    });
  const data = marked(volume, 'data');
  const isPaired =
    replica.spec.pair !== undefined ||
    replica.status?.pair !== undefined ||
    marked(metadataVolumeName(volume), 'drbd-meta') !== undefined;
  const resource = isPaired
    ? await runningResource(tools, volume, logicalVolumeTags({ cluster: clusterId, volume: volumeId }), signal)
    : undefined;
  return { replica, data, tags: parseLogicalVolumeTags(data?.tags ?? []).tags, isPaired, resource };
}

async function runningResource(
  { drbd }: NodeContext['tools'],
  name: string,
  tags: readonly string[],
  signal: AbortSignal,
): Promise<DrbdResource | undefined> {
  const file = (await drbd.resourceFiles(signal)).find(
    (found) => found.name === name && isDeepStrictEqual(found.tags, tags),
  );
  return file && (await drbd.resources(signal)).find((running) => describes(file, running));
}

/** Numbers of the devices by which the copy can be in use, `major:minor`. */
export const numbersOf = ({ data, resource }: OwnCopy): string[] => [
  ...(data?.majorMinor === undefined ? [] : [data.majorMinor]),
  ...(resource?.minor === undefined ? [] : [`${drbdMajor}:${resource.minor}`]),
];

/** @see https://www.kernel.org/doc/Documentation/admin-guide/devices.txt */
const drbdMajor = 147;
