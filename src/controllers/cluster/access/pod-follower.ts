import { builtin, type Cache, type Pod, type Watch, watch } from '@dot-kube/operator';
import { LocalStorageNode } from '../../../api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../../api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../../api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../../api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../../api/local-volume.schema.ts';
import type { PoolName } from '../../../api/names.ts';
import type { ClusterView, Promised } from '../../../api/pool-rooms.ts';
import { place, type Refusal } from '../../placement.ts';
import { moveBytes, sourceRefusal, targetRooms } from '../choose-target.ts';
import { hasBegun } from '../migrate-names.ts';
import type { Promises } from '../promises.ts';
import type { Following, Followings } from './following.ts';
import { isClaimed, persistentVolumes, podsOf, volumesOf } from './pod-volumes.ts';
import { isMovable } from './volume-affinity.ts';
import { volumeAccess } from './volume-access.ts';
import { volumeNodes } from './volume-nodes.ts';

/** What a follower looks at beside volumes, replicas, records and moves. */
export const followerWatches: readonly Watch[] = [
  watch(LocalStorageNode, () => []),
  watch(builtin.Pod, () => []),
  watch(builtin.PersistentVolume, () => []),
  watch(builtin.PersistentVolumeClaim, () => []),
];

/** A volume counts as without pods when it had none for so long: one that a controller makes anew is there by then. */
export const podlessMs = 60_000;

/** A volume of a draining node whose move has not begun. */
interface Leaving {
  readonly volume: LocalVolume;
  readonly source: string;
  readonly dataBytes: number;
  readonly extraBytes: number;
}

type Reserved = Promised & { firm: boolean };

/**
 * While a node drains, its volumes follow their pods: the scheduler places a pod by CPU, memory, affinity and storage, and
 * what it has to choose from are the nodes with room for all volumes of the pod that have to leave. The room is reserved on
 * each of them until it has chosen. Nothing but the room is remembered: a new process finds the same from the objects.
 */
export class PodFollower {
  readonly #promises: Promises;
  /** By volume: since when no pod was seen. */
  readonly #withoutPodSinceMs = new Map<string, number>();
  /** By volume: what the last look made of it, and the nodes whose labels hang on it. */
  #shown = new Map<string, { readonly said: string; readonly nodes: readonly string[] }>();
  readonly #listeners = new Set<(node: string) => void>();

  constructor(promises: Promises) {
    this.#promises = promises;
  }

  /** Tells of nodes whose labels are others since the last look, until `signal` aborts. */
  follow(tell: (node: string) => void, signal: AbortSignal): Promise<void> {
    this.#listeners.add(tell);
    return new Promise((resolve) => {
      const end = (): void => {
        this.#listeners.delete(tell);
        resolve();
      };
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    });
  }

  /** Looks at all draining nodes at once, and reserves what their pods need. */
  look(cache: Cache, nowMs: number): Followings {
    const leaving = leavingVolumes(cache);
    for (const volume of this.#withoutPodSinceMs.keys())
      if (!leaving.has(volume)) this.#withoutPodSinceMs.delete(volume);
    const found = new Map<string, Following>();
    for (const volume of leaving.keys()) {
      const tied = persistentVolumes(cache, volume).find((one) => !isMovable(one));
      if (tied !== undefined) found.set(volume, { kind: 'unmovable', persistentVolume: tied.metadata.name });
    }
    const reserved: Reserved[] = [];
    const others = this.#promises.held(nowMs);
    for (const [name, one] of leaving) {
      if (found.has(name)) continue;
      const following = this.#alone(cache, one, nowMs);
      if ('kind' in following) {
        found.set(name, following);
        continue;
      }
      const { pod } = following;
      const set = volumesOf(cache, pod).flatMap((volume) => {
        const member = leaving.get(volume);
        return member === undefined || found.has(volume) ? [] : [member];
      });
      const names = set.map(({ volume }) => volume.metadata.name);
      // What this very look reserved counts, and what the last one reserved for these same volumes does not.
      const promised = [...others.filter(({ volume }) => !leaving.has(volume)), ...reserved];
      const earlier = others.filter(
        ({ volume }) => leaving.has(volume) && !names.includes(volume) && !found.has(volume),
      );
      const { nodes, refusals } = this.#candidates(cache, pod, set, [...promised, ...earlier], found);
      const placed = pod.spec?.nodeName;
      const kept = placed === undefined ? nodes : nodes.filter((node) => node === placed);
      for (const member of set) {
        for (const node of kept) reserved.push(reservation(member, node, placed !== undefined));
        found.set(
          member.volume.metadata.name,
          placed !== undefined && kept.length > 0
            ? { kind: 'placed', pod, node: placed }
            : { kind: 'pending', pod, nodes: kept, refusals },
        );
      }
    }
    this.#promises.reserve(reserved, nowMs);
    for (const [volume, following] of begunMoves(cache)) found.set(volume, following);
    this.#tell(cache, found);
    return found;
  }

  #tell(cache: Cache, found: Followings): void {
    const before = this.#shown;
    this.#shown = new Map(
      [...found].map(([volume, following]) => {
        const nodes =
          following.kind === 'placed' ? [following.node] : following.kind === 'pending' ? following.nodes : [];
        const replicas = cache.get(LocalVolume, volume)?.spec.config?.replicas ?? [];
        const said = `${following.kind} ${nodes.join(' ')}`;
        return [volume, { said, nodes: [...replicas.map(({ hostname }) => hostname), ...nodes] }];
      }),
    );
    const changed = [...new Set([...before.keys(), ...this.#shown.keys()])].filter(
      (volume) => before.get(volume)?.said !== this.#shown.get(volume)?.said,
    );
    const nodes = new Set(
      changed.flatMap((volume) => [...(before.get(volume)?.nodes ?? []), ...(this.#shown.get(volume)?.nodes ?? [])]),
    );
    for (const node of nodes) for (const tell of this.#listeners) tell(node);
  }

  /** What the pods of one volume say, or the pod that has to be placed or was. */
  #alone(cache: Cache, { volume, source }: Leaving, nowMs: number): Following | { readonly pod: Pod } {
    const { name } = volume.metadata;
    const pods = podsOf(cache, name);
    if (pods.length > 0) this.#withoutPodSinceMs.delete(name);
    const alive = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const elsewhere = alive.find(({ spec }) => spec?.nodeName !== undefined && spec.nodeName !== source);
    if (elsewhere !== undefined) return { pod: elsewhere };
    const there = alive.find(({ spec }) => spec?.nodeName === source);
    if (there !== undefined) return { kind: 'used', pod: there };
    const [pod] = alive;
    if (pod !== undefined) return { pod };
    const [ending] = pods;
    if (ending !== undefined) return { kind: 'used', pod: ending };
    if (!isClaimed(cache, name)) return { kind: 'podless' };
    const sinceMs = this.#withoutPodSinceMs.get(name) ?? nowMs;
    this.#withoutPodSinceMs.set(name, sinceMs);
    return nowMs - sinceMs >= podlessMs ? { kind: 'podless' } : { kind: 'awaited' };
  }

  /** Nodes that have room for a whole set, and what speaks against each other one. */
  #candidates(
    cache: Cache,
    pod: Pod,
    set: readonly Leaving[],
    promised: readonly Promised[],
    found: Followings,
  ): { nodes: string[]; refusals: Refusal[] } {
    const view = { ...clusterOf(cache), promised };
    const names = set.map(({ volume }) => volume.metadata.name);
    const staying = volumesOf(cache, pod)
      .filter((volume) => !names.includes(volume))
      .map((volume) => ({ volume, nodes: usableNodes(cache, volume, found) }));
    const judged = view.nodes.map(({ metadata: { name } }) => {
      const tied = staying.find(({ nodes }) => !nodes.includes(name));
      const reason =
        tied === undefined
          ? refusalOf(set, name, view, (uid) => this.#promises.isReserved(uid, name))
          : `is not where volume ${tied.volume} of the same pod can be used`;
      return { node: name, reason };
    });
    return {
      nodes: judged.filter(({ reason }) => reason === undefined).map(({ node }) => node),
      refusals: judged.flatMap(({ node, reason }) => (reason === undefined ? [] : [{ node, reason }])),
    };
  }
}

const reservation = ({ volume, dataBytes, extraBytes }: Leaving, node: string, firm: boolean): Reserved => ({
  uid: volume.metadata.uid ?? '',
  volume: volume.metadata.name,
  node,
  pool: volume.spec.poolName,
  bytes: dataBytes + extraBytes,
  firm,
});

const clusterOf = (cache: Cache): Omit<ClusterView, 'promised'> => ({
  nodes: cache.list(LocalStorageNode),
  volumes: cache.list(LocalVolume),
  replicas: cache.list(LocalVolumeReplica),
  migrates: cache.list(LocalVolumeMigrate),
});

/** Volumes of draining nodes whose move has not begun, in the order of their names. */
function leavingVolumes(cache: Cache): Map<string, Leaving> {
  const draining = new Set(cache.list(LocalStorageNode, isDraining).map(({ metadata }) => metadata.name));
  if (draining.size === 0) return new Map();
  const moving = new Set(
    cache.list(LocalVolumeMigrate, ({ status }) => hasBegun(status?.state)).map(({ spec }) => spec.volumeName),
  );
  const volumes = cache.list(LocalVolume, ({ metadata, spec }) => !spec.delete && !moving.has(metadata.name));
  const leaving = volumes.flatMap((volume) => {
    const source = volume.spec.config?.replicas.find(({ hostname }) => draining.has(hostname))?.hostname;
    if (source === undefined) return [];
    const { name } = volume.metadata;
    const [replica] = cache.list(
      LocalVolumeReplica,
      ({ spec }) => spec.volumeName === name && spec.nodeName === source,
    );
    return [[name, { volume, source, ...moveBytes(volume, replica) }] as const];
  });
  return new Map(leaving.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export const isDraining = ({ status }: LocalStorageNode): boolean =>
  status?.state === 'Evicting' && status.eviction !== undefined;

/** Moves for a pod that was placed on the target already: it stays so, whatever the pair still lacks. */
function begunMoves(cache: Cache): [string, Following][] {
  return cache
    .list(LocalVolumeMigrate, ({ status }) => ['Seeding', 'Paired', 'Synced', 'Cutting'].includes(status?.state ?? ''))
    .flatMap(({ spec, status }): [string, Following][] => {
      const pod = podsOf(cache, spec.volumeName).find((one) => one.spec?.nodeName === status?.targetNode);
      return pod?.spec?.nodeName === undefined
        ? []
        : [[spec.volumeName, { kind: 'placed', pod, node: pod.spec.nodeName }]];
    });
}

/** Where another volume of the pod is, or will be. */
function usableNodes(cache: Cache, volume: string, found: Followings): readonly string[] {
  const following = found.get(volume);
  if (following?.kind === 'placed') return [following.node];
  if (following?.kind === 'pending' && following.nodes.length > 0) return following.nodes;
  const record = cache.get(LocalVolumeWriter, volume);
  if (record === undefined) return [];
  return [...volumeNodes(volumeAccess(cache, record))].flatMap(([node, value]) => (value === 'replica' ? [node] : []));
}

/** Why a node cannot take a whole set; undefined when it can. What is reserved there for the set it can. */
function refusalOf(
  set: readonly Leaving[],
  node: string,
  view: ClusterView,
  isReserved: (uid: string) => boolean,
): string | undefined {
  const pools = new Map<PoolName, Leaving[]>();
  for (const one of set) pools.set(one.volume.spec.poolName, [...(pools.get(one.volume.spec.poolName) ?? []), one]);
  for (const [pool, members] of pools) {
    for (const source of new Set(members.map((member) => member.source))) {
      const extraBytes = sum(members.filter((member) => member.source === source).map((member) => member.extraBytes));
      const refused = sourceRefusal(source, pool, extraBytes, view);
      if (refused !== undefined) return `can take nothing: ${refused.message}`;
    }
    const names = members.map(({ volume }) => volume.metadata.name);
    const except = view.replicas.filter(({ spec }) => names.includes(spec.volumeName)).map(({ spec }) => spec.nodeName);
    const sizeBytes = sum(members.map(({ dataBytes, extraBytes }) => dataBytes + extraBytes));
    const rooms = targetRooms(pool, view).filter((room) => room.node === node);
    const isKept = members.every(({ volume }) => isReserved(volume.metadata.uid ?? ''));
    const enough = isKept ? { freeBytes: Infinity, freeVolumes: Infinity } : {};
    const placement = place(
      { sizeBytes, among: [], except },
      // As many as the set has, where `place` asks for one.
      rooms.map((room) => ({ ...room, freeVolumes: room.freeVolumes - members.length + 1, ...enough })),
    );
    if (!('node' in placement)) return placement.refusals[0]?.reason ?? `has no ${pool}`;
  }
  return undefined;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
