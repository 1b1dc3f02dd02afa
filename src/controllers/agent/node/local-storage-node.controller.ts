import {
  after,
  builtin,
  type Client,
  controller,
  done,
  isConflict,
  type Pass,
  refusalOf,
  specChanged,
  type Result,
  watch,
} from '@dot-kube/operator';
import { LocalDiskAction } from '../../../api/local-disk-action.schema.ts';
import { LocalDiskClaim } from '../../../api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../../api/local-disk.schema.ts';
import {
  LocalStorageNode,
  type LocalStorageNodeSpec,
  type LocalStorageNodeStatus,
  type NodeDrbd,
} from '../../../api/local-storage-node.schema.ts';
import { LocalVolumeReplica } from '../../../api/local-volume-replica.schema.ts';
import type { BlockDevice } from '../../../api/observed/index.ts';
import { fieldManagers, storageIPAnnotation } from '../../../api/names.ts';
import { isCommandError } from '../../../node/errors.ts';
import { withCondition } from '../../progress.ts';
import { restLeftMs } from '../../rest.ts';
import type { Condition } from '../../../api/conditions.ts';
import { claimsMet, claimsMetType, claimToldAnew } from '../claim/claims-met.ts';
import type { AgentContext } from '../context.ts';
import { discoverDisks } from '../disk/discover-disks.ts';
import { type AskDisks, diskReports } from '../disk/disk-reports.ts';
import { writeDisks } from '../disk/local-disk-writer.ts';
import { conditionEvents, nodeConditions, nodeConditionTypes, type NodeSight } from './node-conditions.ts';
import { livePools } from '../pool/node-pools.ts';
import { copiesWithoutObject, takeUpCopies } from '../replica/found-copies.ts';
import { observeHost, observeLvm, observePools } from './observe-node.ts';
import { watchDisks } from './watch-disks.ts';

/**
 * How often the node is looked at when nothing tells that it changed: reports of disks get lost, and a mount is none.
 * Whoever does not want to wait changes any annotation of the LocalStorageNode.
 */
const lookMs = 60_000;
/** How often it is looked at while it lacks LVM, or another program to look with: installing one is no event of a disk. */
const withoutToolMs = 5_000;
/** Changes come in bursts; the node is not looked at more often than this. */
const gapMs = 3_000;

/** This node's own object: its disks become LocalDisks, its volume groups pools. */
export const agentNodeController = (agent: AgentContext) => {
  const own = () => [agent.node];
  const select = { fieldSelector: `spec.nodeName=${agent.node}` };
  const askDisks = diskReports(agent);
  let lookedMs = -Infinity;
  return controller({
    name: fieldManagers.agent,
    resource: LocalStorageNode,
    select: { fieldSelector: `metadata.name=${agent.node}` },
    watches: [
      watch(LocalDisk, own, select),
      watch(LocalDiskClaim, own, { ...select, when: claimToldAnew }),
      watch(LocalDiskAction, own, { when: specChanged }),
      watch(LocalVolumeReplica, own, select),
    ],
    seeds: [agent.node],
    trigger: (add, signal) => watchDisks(agent, add, signal),
    resyncMs: lookMs,
    reconcile: async (pass) => {
      const restMs = restLeftMs({ untilMs: lookedMs + gapMs, mostMs: gapMs }, pass.now());
      if (restMs > 0) return after(restMs);
      lookedMs = pass.now();
      return reconcile(agent, askDisks, pass);
    },
    absent: async ({ client, signal }) => {
      await registerNode(client, agent.node, signal);
      return done;
    },
  });
};

/**
 * Makes this node's LocalStorageNode, or brings its address and place up to date. An address that was known is never
 * dropped: pairs are built on it.
 */
export async function registerNode(client: Client, name: string, signal: AbortSignal): Promise<void> {
  const node = await client.get(builtin.Node, name, { signal });
  const labels = node?.metadata.labels ?? {};
  const address =
    node?.metadata.annotations?.[storageIPAnnotation] ??
    node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ??
    (await client.get(LocalStorageNode, name, { signal }))?.spec.storageIP;
  const spec: LocalStorageNodeSpec = {
    hostname: name,
    ...(address === undefined ? {} : { storageIP: address }),
    topogoly: {
      zone: labels['topology.kubernetes.io/zone'] ?? 'default',
      region: labels['topology.kubernetes.io/region'] ?? 'default',
    },
  };
  const manager = { fieldManager: fieldManagers.agent, force: true, signal };
  await client.apply(LocalStorageNode, { metadata: { name }, spec }, manager);
}

/** A node whose tools refuse to look says so, and is looked at again. */
async function reconcile(agent: AgentContext, askDisks: AskDisks, pass: Pass<LocalStorageNode>): Promise<Result> {
  try {
    return await look(agent, askDisks, pass);
  } catch (error) {
    if (isConflict(error) || pass.signal.aborted) throw error;
    const { pools, drbd } = pass.object.status ?? {};
    await tell(pass, { pools, drbd }, { refusal: refusalOf(error) });
    throw error;
  }
}

async function look(agent: AgentContext, askDisks: AskDisks, pass: Pass<LocalStorageNode>): Promise<Result> {
  const { client, signal } = pass;
  const { node, cluster, tools } = agent;
  await registerNode(client, node, signal);

  const known = pass.cache.list(LocalDisk).filter(({ spec }) => spec.nodeName === node);
  const replicas = pass.cache.list(LocalVolumeReplica).filter(({ spec }) => spec.nodeName === node);
  const seen = await observeLvm(agent, signal);
  const ask = (disks: readonly BlockDevice[]) => askDisks(disks, pass.now(), signal);
  const disks = await discoverDisks(agent, known, seen.sight, ask, signal);
  const host = { ...(await observeHost(agent, disks, signal)), ...seen.refused };
  const { drbd } = host;
  const lookAnew = () => observePools(tools.lvm, signal);
  // While the pools are on their way only they are told of.
  const save = (pools: LocalStorageNodeStatus['pools']) => tell(pass, { pools, drbd }, undefined);
  const lives = { agent, pass, found: disks, known, replicas, sight: seen.sight, lookAnew, save };
  const { pools, result, ...rest } = await livePools(lives);
  const found = seen.sight === undefined ? [] : copiesWithoutObject(seen.sight, replicas, agent);
  const unaccounted = await takeUpCopies(found, { client, node, emit: (event) => pass.events.emit(event) });
  const lived = seen.sight === undefined ? {} : { lvm: { pools: Object.values(pools), ...rest, unaccounted } };
  await tell(pass, { pools, drbd }, { ...host, ...lived });

  const claims = new Set(pass.cache.list(LocalDiskClaim).map(({ metadata }) => metadata.name));
  const actions = pass.cache.list(LocalDiskAction);
  const { sight } = seen;
  const told = { known, claims, actions, sight, pools: Object.values(pools) };
  await writeDisks({ client, node, cluster, ...told, events: pass.events, nowMs: pass.now(), signal }, disks);
  return isCommandError(host.refusal?.error, 'TOOL_MISSING') ? after(withoutToolMs) : result;
}

/**
 * Everything that the agent says in the status that it shares with the controller.
 * @param sight what the conditions are told from; without one they stay as they are
 */
async function tell(
  pass: Pass<LocalStorageNode>,
  { pools, drbd }: { pools: LocalStorageNodeStatus['pools']; drbd: NodeDrbd | undefined },
  sight: NodeSight | undefined,
): Promise<void> {
  const isTold = ({ type }: Condition): boolean => isOfAgent(type) || type === claimsMetType;
  const before = pass.object.status?.conditions?.filter(isTold);
  const told = sight === undefined ? [] : Object.entries(nodeConditions(sight));
  const verdicts = [
    ...told.map(([type, verdict]) => ({ type, ...verdict })),
    claimsMet(pass.cache.list(LocalDiskClaim)),
  ];
  const conditions = verdicts.reduce(
    (list, verdict) => withCondition(list, verdict, { nowMs: pass.now() }),
    before ?? [],
  );
  await pass.status.apply({
    ...(pools === undefined ? {} : { pools }),
    ...(drbd === undefined ? {} : { drbd }),
    conditions,
  });
  if (sight !== undefined) for (const event of conditionEvents(before, conditions)) pass.events.emit(event);
}

const isOfAgent = (type: string): boolean => (nodeConditionTypes as readonly string[]).includes(type);
