import {
  after,
  builtin,
  type Cache,
  controller,
  createOnce,
  done,
  findCondition,
  lifecycle,
  type Pass,
  type PerformersOf,
  watch,
} from '@dot-kube/operator';
import {
  LocalStorageNode,
  type LocalStorageNodeState,
  type LocalStorageNodeStatus,
} from '../../api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import { agentLeaseName, fieldManagers, namespace } from '../../api/names.ts';
import { decide, type EffectOf, type LocalStorageNodeEvent, localStorageNodeMachine } from '../../machines/index.ts';
import { withCondition } from '../progress.ts';
import { type Followings, targetsOf, waitsFor } from './access/following.ts';
import { followerWatches, isDraining, type PodFollower } from './access/pod-follower.ts';
import { claimsOf } from './access/pod-volumes.ts';
import { drainEvidence, isCordonedAndEmpty } from './drain.ts';
import { type DrainPlan, drainPlan, retryMs } from './drain-plan.ts';
import { agentAliveType, Liveness } from './liveness.ts';
import { evictionName, hasBegun, isEviction, isFinished } from './migrate-names.ts';
import { nodeEvent, type NodeSight } from './node-event.ts';
import { nodeViewOf } from './node-view.ts';
import { powerOffVerdict } from './power-off.ts';

/** Condition of a node: cordoned, and no pod that a drain would evict is on it. Its time is when the grace begins. */
const unoccupiedType = 'Unoccupied';
/** How often a node is looked at: a lease that is overdue tells nobody. */
const lookMs = 5_000;

export interface LocalStorageNodeOptions {
  /** How long a cordoned node without pods is left alone before that counts as a drain. */
  readonly drainGraceMs?: number;
  /** How long an agent may not renew its lease before its node is Offline. */
  readonly leaseOverdueMs?: number;
}

const leasePrefix = agentLeaseName('');
const nodeOfLease = (name: string): string[] => (name.startsWith(leasePrefix) ? [name.slice(leasePrefix.length)] : []);

/** Storage nodes: which are drained, and that their volumes leave them. */
export const localStorageNodeController = (options: LocalStorageNodeOptions & { follower: PodFollower }) => {
  const settings = { drainGraceMs: 60_000, leaseOverdueMs: 20_000, ...options, liveness: new Liveness() };
  return controller({
    name: fieldManagers.storageNode,
    resource: LocalStorageNode,
    watches: [
      watch(builtin.Node, ({ metadata }) => [metadata.name]),
      // One that waits for its place may take volumes of any draining node along.
      watch(builtin.Pod, (pod, cache) => [
        ...(pod.spec?.nodeName === undefined ? [] : [pod.spec.nodeName]),
        ...(claimsOf(pod).length === 0
          ? []
          : cache.list(LocalStorageNode, isDraining).map(({ metadata }) => metadata.name)),
      ]),
      ...followerWatches,
      watch(builtin.Lease, ({ metadata }) => nodeOfLease(metadata.name), {
        fieldSelector: `metadata.namespace=${namespace}`,
      }),
      watch(LocalVolume, ({ spec }) => (spec.config?.replicas ?? []).map(({ hostname }) => hostname)),
      watch(LocalVolumeReplica, ({ spec }) => [spec.nodeName]),
      watch(LocalVolumeWriter, ({ spec }) => spec.inSync.map(({ node }) => node)),
      watch(LocalVolumeMigrate, ({ spec, status }) => [
        spec.sourceNode,
        ...(status?.targetNode ? [status.targetNode] : []),
      ]),
    ],
    resyncMs: lookMs,
    reconcile: lifecycle<LocalStorageNode, Seen, LocalStorageNodeState, EffectOf<typeof localStorageNodeMachine>>({
      observe: async (pass) => observe(settings, pass),
      stateOf: ({ status }) => status?.state,
      decide: (saved, { event }) => decide(localStorageNodeMachine, saved, event),
      shared: true,
      status: (_node, { state, facts: { sight, conditions } }) => ({
        state,
        ...(sight.evidence === undefined ? {} : { eviction: sight.evidence }),
        plan: state === 'Evicting' || state === 'Migrated' ? sight.plan.entries : [],
        conditions,
      }),
      announce: ({ status }, { state, facts: { event } }) =>
        state === status?.state
          ? undefined
          : { type: 'Normal', reason: state, message: `The storage node is ${state} (${event.type}).` },
      perform: performers,
      rest: ({ facts: { waitMs } }) => (waitMs > 0 ? after(waitMs) : done),
    }),
  });
};

type Settings = Required<LocalStorageNodeOptions> & { liveness: Liveness; follower: PodFollower };

interface Seen {
  readonly sight: NodeSight;
  readonly event: LocalStorageNodeEvent;
  readonly conditions: NonNullable<LocalStorageNodeStatus['conditions']>;
  readonly followings: Followings;
  /** Until time alone changes something; 0: it does not. */
  readonly waitMs: number;
}

function observe({ liveness, follower, leaseOverdueMs, drainGraceMs }: Settings, pass: Pass<LocalStorageNode>): Seen {
  const { object, cache, now } = pass;
  const { name } = object.metadata;
  const { status } = object;
  const nowMs = now();
  const lease = cache.get(builtin.Lease, agentLeaseName(name), namespace);
  const wasOverdue = findCondition(status?.conditions, agentAliveType)?.status === 'False';
  const agentIsAlive =
    liveness.ageMs(name, lease?.metadata.resourceVersion, nowMs, wasOverdue) < leaseOverdueMs &&
    (lease !== undefined || status?.state !== 'Offline');
  const pods = cache.list(builtin.Pod).filter(({ spec }) => spec?.nodeName === name);
  const node = nodeViewOf(cache.get(builtin.Node, name), pods);

  const saved = status?.eviction;
  const isEmpty = isCordonedAndEmpty(node);
  const unoccupied = findCondition(status?.conditions, unoccupiedType);
  const seenEmptyMs = unoccupied?.status === 'True' ? Date.parse(unoccupied.lastTransitionTime ?? '') : nowMs;
  // Each cordon has its grace, also one that followed an uncordon which nobody saw.
  const emptySinceMs = isEmpty ? Math.max(seenEmptyMs, Date.parse(node.cordonedAt ?? '') || 0) : undefined;
  const evidence = drainEvidence(node, { saved, emptySinceMs, graceMs: drainGraceMs, nowMs });

  const replicas = cache.list(LocalVolumeReplica);
  const migrates = cache.list(LocalVolumeMigrate);
  const onDisk = Object.values(status?.pools ?? {}).flatMap(({ volumes }) => volumes);
  const followings = follower.look(cache, nowMs);
  const plan = drainPlan({
    node: name,
    sinceMs: evidence && Date.parse(evidence.since),
    volumes: cache.list(LocalVolume),
    replicas,
    migrates,
    onDisk,
    followings,
    nowMs,
  });
  if (evidence !== undefined) tellPods(pass, plan, followings);
  const isMoving = migrates.some((migrate) => isRetractable(migrate, name, cache));
  const power = powerOffVerdict({
    node: name,
    replicas,
    records: cache.list(LocalVolumeWriter),
    onDisk,
    optedOut: node.eviction === 'disable',
  });

  const sight: NodeSight = { agentIsAlive, node, evidence, plan, isMoving };
  const facts = [
    {
      type: agentAliveType,
      holds: agentIsAlive,
      reason: agentIsAlive ? 'LeaseRenewed' : 'LeaseOverdue',
      message: agentIsAlive ? 'The agent renews its lease.' : 'The agent has not renewed its lease in time.',
    },
    {
      type: unoccupiedType,
      holds: isEmpty,
      reason: isEmpty ? 'NoEvictablePod' : node.unschedulable ? 'PodsLeft' : 'Schedulable',
      message: isEmpty
        ? 'The node takes no pods, and none that a drain would evict is on it.'
        : 'The node takes pods, or has some that a drain would evict.',
    },
    { type: 'SafeToPowerOff', holds: power.safe, reason: power.reason, message: power.message },
  ];
  const conditions = facts.reduce<NonNullable<LocalStorageNodeStatus['conditions']>>(
    (list, { type, holds, reason, message }) =>
      withCondition(list, { type, status: holds ? 'True' : 'False', reason, message }, { nowMs }),
    (status?.conditions ?? []).filter((condition) => facts.some(({ type }) => type === condition.type)),
  );
  // Time alone changes nothing but these: the grace runs out, or an aborted move may be tried again.
  const graceMs = evidence === undefined && emptySinceMs !== undefined ? emptySinceMs + drainGraceMs - nowMs : 0;
  const restMs = evidence !== undefined && plan.isResting ? retryMs : 0;
  return { sight, event: nodeEvent(sight), followings, conditions, waitMs: Math.max(graceMs, restMs) };
}

/** Each pod that fits nowhere with its volumes is told what speaks against each node. */
function tellPods({ events }: Pass<LocalStorageNode>, plan: DrainPlan, followings: Followings): void {
  for (const { volume } of plan.entries) {
    const following = followings.get(volume);
    const waits = waitsFor(following);
    if (following?.kind !== 'pending' || waits?.isPinned !== true) continue;
    events.emit({ type: 'Warning', reason: waits.reason, message: waits.message, regarding: following.pod });
  }
}

/** A move that a drain made of this node, that nobody took back, and on whose target no pod runs yet. */
const isRetractable = ({ metadata, spec, status }: LocalVolumeMigrate, node: string, cache: Cache): boolean =>
  isEviction(metadata.name) &&
  spec.sourceNode === node &&
  !spec.abort &&
  !isFinished(status?.state) &&
  (status?.targetNode === undefined || cache.get(LocalVolumeWriter, spec.volumeName)?.spec.node !== status.targetNode);

const performers = ({ object, client, cache }: Pass<LocalStorageNode>, { followings }: Seen) => {
  const { name } = object.metadata;
  return {
    moveVolumes: async ({ volumes }) => {
      for (const volumeName of volumes) {
        const move = evictionName(volumeName);
        const targets = targetsOf(followings.get(volumeName));
        const present = await client.get(LocalVolumeMigrate, move);
        if (present !== undefined && !isFinished(present.status?.state)) {
          // What waits to begin goes where the pod went since, or is made again when there is one.
          if (!hasBegun(present.status?.state) && present.spec.sourceNode === name && !present.spec.abort)
            await client.update(LocalVolumeMigrate, {
              ...present,
              spec: {
                ...present.spec,
                ...(targets === undefined ? { abort: true } : { targetNodesSuggested: [...targets] }),
              },
            });
          continue;
        }
        if (targets === undefined) continue;
        // What is left of an earlier drain makes way; what it holds it gives back first.
        if (present !== undefined) await client.delete(LocalVolumeMigrate, move);
        const spec = {
          volumeName,
          sourceNode: name,
          targetNodesSuggested: [...targets],
          migrateAllVols: true,
          abort: false,
        };
        await createOnce(client, LocalVolumeMigrate, { metadata: { name: move }, spec });
      }
    },
    abortMoves: async () => {
      for (const { metadata } of cache
        .list(LocalVolumeMigrate)
        .filter((migrate) => isRetractable(migrate, name, cache)))
        await client.patch(LocalVolumeMigrate, metadata.name, { spec: { abort: true } });
    },
  } satisfies PerformersOf<EffectOf<typeof localStorageNodeMachine>>;
};
