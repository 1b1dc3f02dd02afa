import type { LocalVolumeMigrate } from '../../../api/local-volume-migrate.schema.ts';
import type { LocalVolumeReplica } from '../../../api/local-volume-replica.schema.ts';
import type { LocalVolumeWriter } from '../../../api/local-volume-writer.schema.ts';
import type { LocalVolume } from '../../../api/local-volume.schema.ts';
import type { VolumeLabelValue } from '../../../api/names.ts';

/** All that says where one volume can be used. */
export interface VolumeAccess {
  readonly volume: LocalVolume | undefined;
  readonly record: LocalVolumeWriter;
  /** Of this name, whoever they belong to. */
  readonly replicas: readonly LocalVolumeReplica[];
  readonly migrates: readonly LocalVolumeMigrate[];
  /** The node takes pods and its kubelet answers. */
  readonly isWell: (node: string) => boolean;
}

/** States of a move in which its target may take the record. */
const pairedStates = ['Paired', 'Synced', 'Cutting'];

/**
 * On which nodes a volume can be used: where it is used now, where a copy is that the record counts on and that is ready,
 * and where it is moving to. While one node goes before the others, these have a copy that waits.
 */
export function volumeNodes(access: VolumeAccess): Map<string, VolumeLabelValue> {
  const { record, isWell } = access;
  const writer = record.spec.node;
  const target = targetOf(access);
  const usable = record.spec.inSync.filter(({ node, vgUUID }) => isReady(access, node, vgUUID)).map(({ node }) => node);
  const first = writer !== undefined && isWell(writer) ? writer : target;
  const others = [...usable, ...(target === undefined ? [] : [target])];
  return new Map<string, VolumeLabelValue>([
    ...others.map((node) => [node, first === undefined || first === node ? 'replica' : 'standby'] as const),
    // Whatever else is true: pods that use it there go on.
    ...(writer === undefined ? [] : [[writer, 'replica'] as const]),
  ]);
}

/** Data of an earlier volume of this name are not this volume's, and one that is being deleted is given to nobody. */
const isOwn = ({ volume, record }: VolumeAccess): boolean =>
  volume !== undefined &&
  !volume.spec.delete &&
  !record.spec.delete &&
  volume.spec.config?.volumeId === record.spec.volumeId;

const replicaOn = ({ record, replicas }: VolumeAccess, node: string): LocalVolumeReplica | undefined =>
  replicas.find(({ spec }) => spec.nodeName === node && spec.volumeId === record.spec.volumeId && !spec.delete);

function isReady(access: VolumeAccess, node: string, vgUUID: string): boolean {
  const status = replicaOn(access, node)?.status;
  const isSameGroup = status?.volumeGroupUUID === undefined || status.volumeGroupUUID === vgUUID;
  return isOwn(access) && status?.state === 'Ready' && isSameGroup;
}

function targetOf(access: VolumeAccess): string | undefined {
  const target = access.record.spec.moveTo?.node;
  const isPaired = access.migrates.some(
    ({ status }) => status?.targetNode === target && pairedStates.includes(status?.state ?? ''),
  );
  return target !== undefined && isPaired && isOwn(access) && replicaOn(access, target) !== undefined
    ? target
    : undefined;
}
