import { type Client, findCondition, stalledOf } from '@dot-kube/operator';
import type { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import type { LocalVolumeMigrate, LocalVolumeMigrateStatus } from '../../api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import { replicaName } from '../../api/names.ts';
import { agentAliveType } from './liveness.ts';
import { type MigrateFacts, type SideView, sourceLostMs, targetLostMs } from './migrate-facts.ts';
import { isFinished, seedingMs } from './migrate-names.ts';

/** The objects that a move works on, read from the server: a step back in time could cost a copy. */
export interface MigrateObjects {
  readonly volume: LocalVolume | undefined;
  readonly record: LocalVolumeWriter | undefined;
  readonly source: LocalVolumeReplica | undefined;
  readonly target: LocalVolumeReplica | undefined;
}

export async function readMigrateObjects(
  client: Client,
  { spec, status }: LocalVolumeMigrate,
): Promise<MigrateObjects> {
  const replicaOn = (node: string) => client.get(LocalVolumeReplica, replicaName(spec.volumeName, node));
  const [volume, record, source, target] = await Promise.all([
    client.get(LocalVolume, spec.volumeName),
    client.get(LocalVolumeWriter, spec.volumeName),
    replicaOn(spec.sourceNode),
    status?.targetNode ? replicaOn(status.targetNode) : undefined,
  ]);
  return { volume, record, source, target };
}

export interface MigrateSurroundings {
  readonly nodes: readonly LocalStorageNode[];
  readonly migrates: readonly LocalVolumeMigrate[];
  readonly hasCandidate: boolean;
  readonly nowMs: number;
}

export function migrateFacts(
  migrate: LocalVolumeMigrate,
  { volume, record, source, target }: MigrateObjects,
  { nodes, migrates, hasCandidate, nowMs }: MigrateSurroundings,
): MigrateFacts {
  const { spec, status, metadata } = migrate;
  const nodeOf = (name: string | undefined) => nodes.find((node) => node.metadata.name === name);
  const sourceNode = nodeOf(spec.sourceNode);
  const targetNode = nodeOf(status?.targetNode);
  const isDrained = targetNode?.status?.state === 'Evicting' || targetNode?.status?.state === 'Migrated';
  const sourceAwaySinceMs = awaySinceMs(sourceNode);
  const targetAwaySinceMs = awaySinceMs(targetNode);
  return {
    moveId: status?.moveId,
    source: spec.sourceNode,
    target: status?.targetNode || undefined,
    volume: volume && {
      deleted: volume.spec.delete,
      ready: volume.status?.state === 'Ready',
      nodes: volume.spec.config?.replicas.map(({ hostname }) => hostname) ?? [],
    },
    record: record && {
      writer: record.spec.node,
      epoch: record.spec.epoch,
      inSync: record.spec.inSync.map(({ node }) => node),
      moveTo: record.spec.moveTo?.node,
    },
    sourceSide: source && sideOf(source),
    targetSide: target && sideOf(target),
    targetIsUnfit: isDrained || nowMs - (targetAwaySinceMs ?? nowMs) > targetLostMs,
    seedIsOverdue: isSeedOverdue(status, sourceNode, nowMs),
    sourceIsLost: nowMs - (sourceAwaySinceMs ?? nowMs) > sourceLostMs,
    sourceAwaySinceMs,
    targetAwaySinceMs,
    sourceIsAway: isAway(sourceNode),
    targetIsAway: isAway(targetNode),
    isBlocked: migrates.some((other) => isBefore(other, migrate)),
    abort: spec.abort || metadata.deletionTimestamp !== undefined,
    hasCandidate,
  };
}

const isAway = (node: LocalStorageNode | undefined): boolean => node === undefined || node.status?.state === 'Offline';

/** When the agent was last seen to come or go, in ms. */
const turnedMs = (node: LocalStorageNode | undefined): number | undefined => {
  const since = findCondition(node?.status?.conditions, agentAliveType)?.lastTransitionTime;
  return since === undefined ? undefined : Date.parse(since);
};

const awaySinceMs = (node: LocalStorageNode | undefined): number | undefined =>
  node?.status?.state === 'Offline' ? turnedMs(node) : undefined;

/** A source that was away, as for a reboot, has its time anew. */
const isSeedOverdue = (
  status: LocalVolumeMigrateStatus | undefined,
  node: LocalStorageNode | undefined,
  nowMs: number,
): boolean =>
  status?.state === 'Seeding' &&
  !isAway(node) &&
  nowMs - Math.max(Date.parse(status.since ?? ''), turnedMs(node) ?? 0) > seedingMs;

const sideOf = ({ spec, status }: LocalVolumeReplica): SideView => ({
  deleted: spec.delete,
  state: status?.state ?? '',
  asked: spec.pair,
  seen: status?.pair,
  ...stallOn(status),
});

function stallOn(status: LocalVolumeReplica['status']): Pick<SideView, 'stalled'> {
  const stalled = stalledOf(status);
  return stalled === undefined ? {} : { stalled: { reason: stalled.reason, message: stalled.message } };
}

/** Another move of the same volume goes first: one that has begun, else the older one. */
function isBefore(other: LocalVolumeMigrate, migrate: LocalVolumeMigrate): boolean {
  if (other.metadata.name === migrate.metadata.name || other.spec.volumeName !== migrate.spec.volumeName) return false;
  if (isFinished(other.status?.state)) return false;
  const hasBegun = ![undefined, '', 'Submitted'].includes(other.status?.state);
  const age = ({ metadata }: LocalVolumeMigrate): string => `${metadata.creationTimestamp} ${metadata.name}`;
  return hasBegun || age(other) < age(migrate);
}
