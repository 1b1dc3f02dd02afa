import { randomUUID } from 'node:crypto';
import { type Cache, controller, gone, lifecycle, type Look, type Pass, watch } from '@dot-kube/operator';
import { isFileSystem } from '../../api/file-systems.ts';
import { LocalStorageNode } from '../../api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import { LocalVolume, type LocalVolumeState, type LocalVolumeStatus } from '../../api/local-volume.schema.ts';
import { dataProtectionFinalizer } from '../../api/names.ts';
import { type ClusterView, roomsOf } from '../../api/pool-rooms.ts';
import { growthObstacle, undersizedCopies } from '../../api/volume-growth.ts';
import { decide, type EffectOf, localVolumeMachine } from '../../machines/index.ts';
import { deletionBlockOf, withBlock } from '../deletion-block.ts';
import { place, type Placement } from '../placement.ts';
import { progressOf, withCondition } from '../progress.ts';
import { isFinished } from './migrate-names.ts';
import type { Promises } from './promises.ts';
import { rebuildVolume } from './rebuild/rebuild-volume.ts';
import { volumePerformers } from './volume-effects.ts';
import { type VolumeFacts, type VolumeSight, volumeSight } from './volume-sight.ts';

/** How often a volume is looked at, when nothing tells that something changed, such as that a pool has room again. */
const lookMs = 15_000;
const deadlineMs = 300_000;

export interface LocalVolumeOptions {
  readonly promises: Promises;
  /** Chosen once for a volume, and kept in its config. */
  readonly newVolumeId?: (volume: LocalVolume) => string;
}

interface Seen extends VolumeFacts {
  readonly sight: VolumeSight;
}

/** Volumes: placed by free capacity, made as replicas, and deleted with nothing left. */
export const localVolumeController = ({ promises, newVolumeId = () => randomUUID() }: LocalVolumeOptions) => {
  const live = lifecycle<LocalVolume, Seen, LocalVolumeState, EffectOf<typeof localVolumeMachine>>({
    observe: (pass) => observe(promises, pass),
    stateOf: ({ status }) => status?.state,
    decide: (saved, { sight }) => decide(localVolumeMachine, saved, sight.event),
    status: statusOf,
    announce: ({ status }, { state, facts: { sight } }) =>
      state === status?.state
        ? undefined
        : { type: 'Normal', reason: state, message: `${sight.message} (${sight.reason})` },
    perform: ({ object: volume, client, cache }, facts) =>
      volumePerformers({ client, volume, facts, nodes: cache.list(LocalStorageNode), newVolumeId }),
  });
  return controller({
    name: 'local-volume',
    resource: LocalVolume,
    watches: [
      watch(LocalVolumeReplica, ({ spec }) => [spec.volumeName]),
      watch(LocalVolumeWriter, ({ spec }) => [spec.volumeName]),
      watch(LocalVolumeMigrate, ({ spec }) => [spec.volumeName]),
      // A node with room again is what volumes without a place wait for, and its coming and going what its volumes see.
      watch(LocalStorageNode, (node, cache) =>
        cache.list(LocalVolume, (volume) => isConcerned(volume, node)).map(({ metadata }) => metadata.name),
      ),
    ],
    resyncMs: lookMs,
    concurrency: 8,
    finalizer: {
      name: dataProtectionFinalizer,
      holds: ({ spec }) => spec.config !== undefined,
      cleanUp: async (pass) => (deletionBlockOf(pass.object)?.released === true ? gone : live(pass)),
    },
    reconcile: live,
    absent: rebuildVolume,
  });
};

const isConcerned = ({ spec: { config } }: LocalVolume, node: LocalStorageNode): boolean =>
  config === undefined || config.replicas.some(({ hostname }) => hostname === node.metadata.name);

async function observe(promises: Promises, pass: Pass<LocalVolume>): Promise<Seen> {
  const facts = await factsOf(promises, pass);
  return { ...facts, sight: volumeSight(pass.object, facts) };
}

async function factsOf(promises: Promises, pass: Pass<LocalVolume>): Promise<VolumeFacts> {
  const { object: volume, client, cache } = pass;
  const { name } = volume.metadata;
  const seen = belongings(
    volume,
    cache.list(LocalVolumeReplica, ({ spec }) => spec.volumeName === name),
    cache.get(LocalVolumeWriter, name),
  );
  const moves = cache.list(LocalVolumeMigrate).filter(({ spec }) => spec.volumeName === name);
  const active = (found: readonly LocalVolumeMigrate[]): string[] =>
    found.filter(({ status }) => !isFinished(status?.state)).map(({ metadata }) => metadata.name);
  if (!volume.spec.delete || seen.replicas.length > 0) {
    const placement = seen.strangers.length > 0 ? undefined : placementFor(promises, pass);
    return {
      ...seen,
      away: awayIn(cache),
      moves: active(moves),
      placement,
      ...growthOf(promises, pass, seen.replicas),
    };
  }

  // A cache may not know yet what was made a moment ago: that nothing is left is asked of the server.
  const fieldSelector = `spec.volumeName=${name}`;
  const [freshReplicas, freshMoves, freshRecord] = await Promise.all([
    client.list(LocalVolumeReplica, { fieldSelector }),
    client.list(LocalVolumeMigrate, { fieldSelector }),
    client.get(LocalVolumeWriter, name),
  ]);
  const fresh = belongings(volume, freshReplicas.items, freshRecord);
  return { ...fresh, away: awayIn(cache), moves: active(freshMoves.items), placement: undefined };
}

/** As with placement: decides and holds the room in one go. */
function growthOf(
  promises: Promises,
  { object: volume, cache, now }: Pass<LocalVolume>,
  replicas: readonly LocalVolumeReplica[],
): Pick<VolumeFacts, 'growth'> {
  const copies = undersizedCopies(volume, replicas);
  if (copies.length === 0) return {};
  const { uid = '', name } = volume.metadata;
  const { poolName: pool, requiredCapacityBytes: bytes } = volume.spec;
  const promised = promises.held(now()).filter((one) => one.uid !== uid);
  const obstacle = growthObstacle(volume, copies, { ...viewOf(cache), promised });
  if (obstacle === undefined)
    for (const { spec } of copies) promises.hold({ uid, volume: name, node: spec.nodeName, pool, bytes }, now());
  return { growth: { copies, obstacle } };
}

const viewOf = (cache: Cache): Omit<ClusterView, 'promised'> => ({
  nodes: cache.list(LocalStorageNode),
  volumes: cache.list(LocalVolume),
  replicas: cache.list(LocalVolumeReplica),
  migrates: cache.list(LocalVolumeMigrate),
});

const awayIn = (cache: Cache): string[] =>
  cache.list(LocalStorageNode, ({ status }) => status?.state === 'Offline').map(({ metadata }) => metadata.name);

/** Tells what is this volume's from what an earlier one of its name left: the id counts, never the name. */
function belongings(
  { spec: { config } }: LocalVolume,
  replicas: readonly LocalVolumeReplica[],
  record: LocalVolumeWriter | undefined,
): Pick<VolumeFacts, 'replicas' | 'record' | 'strangers'> {
  const isOwn = ({ spec }: LocalVolumeReplica | LocalVolumeWriter): boolean =>
    config !== undefined && spec.volumeId === config.volumeId;
  const strangers = replicas.filter((replica) => !isOwn(replica)).map(({ metadata }) => `lvr ${metadata.name}`);
  if (record !== undefined && !isOwn(record)) strangers.push(`lvw ${record.metadata.name}`);
  return { replicas: replicas.filter(isOwn), record: record && isOwn(record) ? record : undefined, strangers };
}

/** Decides and holds the room in one go, so that no other volume is given it meanwhile. */
function placementFor(promises: Promises, { object: volume, cache, now }: Pass<LocalVolume>): Placement | undefined {
  const { poolName, requiredCapacityBytes, accessibility, config } = volume.spec;
  const { name, uid = '' } = volume.metadata;
  if (volume.spec.delete) promises.drop(uid);
  if (volume.spec.delete || (config?.replicas.length ?? 0) > 0) return undefined;
  const mine = promises.held(now()).find((promised) => promised.uid === uid);
  if (mine !== undefined && mine.bytes >= requiredCapacityBytes) return { node: mine.node };
  const view = viewOf(cache);
  const { nodes: among = [], zones = [], regions = [] } = accessibility ?? {};
  const request = { sizeBytes: requiredCapacityBytes, among, zones, regions, except: [] };
  const placement = promises.deciding(
    now(),
    (promised) => place(request, roomsOf(poolName, { ...view, promised: promised.filter((one) => one.uid !== uid) })),
    (found) => ('node' in found ? found.node : undefined),
  );
  if ('node' in placement)
    promises.hold({ uid, volume: name, node: placement.node, pool: poolName, bytes: requiredCapacityBytes }, now());
  return placement;
}

/** Condition of a volume that is to be larger and can't be now. */
const expansionBlocked = 'ExpansionBlocked';

function statusOf(volume: LocalVolume, { facts, state, nowMs }: Look<Seen, LocalVolumeState>): LocalVolumeStatus {
  const { replicas, record, sight } = facts;
  const { reason, message } = sight;
  const before = volume.status;
  const { publishedNode: _published, deadline: _deadline, ...kept } = before ?? { rawblock: false };
  const isReady = state === 'Ready';
  const counted = new Set(volume.spec.config?.replicas.map(({ hostname }) => hostname));
  const allocated = replicas
    .filter(({ spec }) => counted.has(spec.nodeName))
    .map(({ status }) => status?.allocatedCapacityBytes ?? 0);
  const times = { nowMs, generation: volume.metadata.generation };
  const { obstacle } = facts.growth ?? {};
  const others = before?.conditions?.filter(({ type }) => obstacle !== undefined || type !== expansionBlocked);
  const told =
    obstacle === undefined
      ? others
      : withCondition(others, { type: expansionBlocked, status: 'True', ...obstacle }, times);
  const ready = { type: 'Ready', status: isReady ? 'True' : 'False', reason, message } as const;
  return {
    ...kept,
    state,
    ...progressOf(before, state, { reason, message }, { nowMs, ...(isReady ? {} : { deadlineMs }) }),
    ...(allocated.length === 0 ? {} : { allocatedCapacityBytes: Math.min(...allocated) }),
    replicas: replicas.map(({ metadata }) => metadata.name).sort(),
    ...contentStatus(replicas),
    ...(record?.spec.node === undefined ? {} : { publishedNode: record.spec.node }),
    conditions: withBlock(withCondition(told, ready, times), deletionBlockOf(volume)?.why, times),
  };
}

/** What any copy says of the file system: they all hold the same. */
function contentStatus(replicas: readonly LocalVolumeReplica[]): Pick<LocalVolumeStatus, 'fsType' | 'rawblock'> {
  const contents = replicas.map(({ status }) => status?.content ?? 'unknown');
  const fsType = contents.find(isFileSystem);
  return { ...(fsType === undefined ? {} : { fsType }), rawblock: contents.includes('block') };
}
