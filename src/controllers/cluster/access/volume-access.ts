import { type Cache, builtin, index, type Node } from '@dot-kube/operator';
import { LocalVolumeMigrate } from '../../../api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../../api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../../api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../../api/local-volume.schema.ts';
import type { VolumeAccess } from './volume-nodes.ts';

/** Nodes that a writer record names. */
export const nodesOf = ({ spec }: LocalVolumeWriter): string[] => [
  ...new Set([
    ...spec.inSync.map(({ node }) => node),
    ...(spec.node === undefined ? [] : [spec.node]),
    ...(spec.moveTo === undefined ? [] : [spec.moveTo.node]),
  ]),
];

/** Records that name a node. */
export const recordsNaming = index(LocalVolumeWriter, nodesOf);
const replicasOf = index(LocalVolumeReplica, ({ spec }) => [spec.volumeName]);
/** Moves of a volume. */
export const migratesOf = index(LocalVolumeMigrate, ({ spec }) => [spec.volumeName]);

/** What the caches know about where a volume can be used. */
export const volumeAccess = (cache: Cache, record: LocalVolumeWriter): VolumeAccess => ({
  volume: cache.get(LocalVolume, record.metadata.name),
  record,
  replicas: cache.list(LocalVolumeReplica, replicasOf(record.metadata.name)),
  migrates: cache.list(LocalVolumeMigrate, migratesOf(record.metadata.name)),
  isWell: (node) => isWell(cache.get(builtin.Node, node)),
});

/** A pod that belongs there can go on or start there. */
export const isWell = (node: Readonly<Node> | undefined): boolean =>
  node !== undefined &&
  node.spec?.unschedulable !== true &&
  // A node that nobody reports on yet, such as one that was made anew a moment ago, counts as well.
  !node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status !== 'True');
