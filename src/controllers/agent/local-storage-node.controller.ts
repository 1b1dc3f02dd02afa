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
import { LocalDiskAction } from '../../api/local-disk-action.schema.ts';
import { LocalDiskClaim } from '../../api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../api/local-disk.schema.ts';
import {
  LocalStorageNode,
  type LocalStorageNodeSpec,
  type LocalStorageNodeStatus,
  type NodeDrbd,
} from '../../api/local-storage-node.schema.ts';
import { LocalVolumeReplica } from '../../api/local-volume-replica.schema.ts';
import { fieldManagers, storageIPAnnotation } from '../../api/names.ts';
import { volumeGroupTags } from '../../api/tags.ts';
import { CommandError } from '../../node/errors.ts';
import { withCondition } from '../progress.ts';
import { claimsMet, claimsMetType } from './claims-met.ts';
import type { AgentContext } from './context.ts';
import { discoverDisks } from './discover-disks.ts';
import { writeAbsentDisk, writeFoundDisk } from './local-disk-writer.ts';
import { adoptable, type PoolSight, poolsOf } from './pool-status.ts';

/** How often the node is looked at when nothing tells that it changed: a disk that is plugged in tells nobody. */
const lookMs = 15_000;
/** Changes come in bursts; the node is not looked at more often than this. */
const gapMs = 3_000;

/** This node's own object: its disks become LocalDisks, its volume groups pools. */
export const agentNodeController = (agent: AgentContext) => {
  const own = () => [agent.node];
  const select = { fieldSelector: `spec.nodeName=${agent.node}` };
  let lookedMs = -Infinity;
  return controller({
    name: fieldManagers.agent,
    resource: LocalStorageNode,
    select: { fieldSelector: `metadata.name=${agent.node}` },
    watches: [
      watch(LocalDisk, own, select),
      watch(LocalDiskClaim, own, select),
      watch(LocalDiskAction, own, { when: specChanged }),
      watch(LocalVolumeReplica, own, select),
    ],
    seeds: [agent.node],
    resyncMs: lookMs,
    reconcile: async (pass) => {
      const restMs = lookedMs + gapMs - pass.now();
      if (restMs > 0) return after(restMs);
      lookedMs = pass.now();
      return reconcile(agent, pass);
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
async function reconcile(agent: AgentContext, pass: Pass<LocalStorageNode>): Promise<Result> {
  try {
    await look(agent, pass);
    return done;
  } catch (error) {
    if (isConflict(error) || pass.signal.aborted) throw error;
    const { pools, drbd } = pass.object.status ?? {};
    const { reason, message } = refusalOf(error);
    await tell(pass, { pools, drbd }, { status: 'False', reason, message });
    pass.events.emit({ type: 'Warning', reason, message });
    throw error;
  }
}

async function look(agent: AgentContext, pass: Pass<LocalStorageNode>): Promise<void> {
  const { client, signal } = pass;
  await registerNode(client, agent.node, signal);

  const sight = await adopt(agent, pass, await observePools(agent, signal));
  const known = pass.cache.list(LocalDisk).filter(({ spec }) => spec.nodeName === agent.node);
  const found = await discoverDisks(agent, known, sight, signal);

  const healthy = { status: 'True', reason: 'Observed', message: 'The agent sees its node.' } as const;
  const pools = poolsOf(sight, agent.cluster.clusterId);
  await tell(pass, { pools, drbd: await observeDrbd(agent, signal) }, healthy);

  const claims = new Set(pass.cache.list(LocalDiskClaim).map(({ metadata }) => metadata.name));
  const actions = pass.cache.list(LocalDiskAction);
  const desk = { client, node: agent.node, known, claims, actions, nowMs: pass.now(), signal };
  for (const disk of found) await writeFoundDisk(desk, disk);
  const names = new Set(found.map(({ name }) => name));
  for (const disk of known.filter(({ metadata }) => !names.has(metadata.name))) await writeAbsentDisk(desk, disk);
}

/** Everything that the agent says in the status that it shares with the controller. */
async function tell(
  pass: Pass<LocalStorageNode>,
  { pools, drbd }: { pools: LocalStorageNodeStatus['pools']; drbd: NodeDrbd | undefined },
  available: { status: 'True' | 'False'; reason: string; message: string },
): Promise<void> {
  const type = 'Available';
  const before = pass.object.status?.conditions?.filter((condition) => [type, claimsMetType].includes(condition.type));
  const times = { nowMs: pass.now() };
  const claims = claimsMet(pass.cache.list(LocalDiskClaim));
  const conditions = withCondition(withCondition(before, { type, ...available }, times), claims, times);
  await pass.status.apply({
    ...(pools === undefined ? {} : { pools }),
    ...(drbd === undefined ? {} : { drbd }),
    conditions,
  });
}

/** A host whose DRBD can't be asked has pools all the same; undefined: no move goes there. */
async function observeDrbd({ tools: { drbd } }: AgentContext, signal: AbortSignal): Promise<NodeDrbd | undefined> {
  try {
    const { version } = await drbd.load(signal);
    const resources = await drbd.resources(signal);
    const files = await drbd.resourceFiles(signal);
    const minors = [...resources.flatMap(({ minor }) => minor ?? []), ...files.flatMap((file) => file.minors)];
    const ports = files.flatMap((file) => file.ports);
    return { ...(version === undefined ? {} : { version }), minors: numbersIn(minors), ports: numbersIn(ports) };
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

const numbersIn = (list: readonly number[]): number[] => [...new Set(list)].sort((a, b) => a - b);

async function observePools({ tools }: AgentContext, signal: AbortSignal): Promise<PoolSight> {
  const groups = await tools.lvm.volumeGroups(signal);
  const physicalVolumes = await tools.lvm.physicalVolumes(signal);
  return { groups, physicalVolumes, logicalVolumes: await tools.lvm.logicalVolumes(signal) };
}

/** Takes volume groups in that were made by hand under a pool's name: the documented way to grow a pool by hand. */
async function adopt(agent: AgentContext, pass: Pass<LocalStorageNode>, sight: PoolSight): Promise<PoolSight> {
  const untagged = adoptable(sight);
  for (const group of untagged) {
    const add = volumeGroupTags({ cluster: agent.cluster.clusterId });
    await agent.tools.lvm.changeVolumeGroupTags({ volumeGroup: group, add }, pass.signal);
    const message = `Adopted volume group ${group.name}, which was made by hand.`;
    pass.events.emit({ type: 'Normal', reason: 'PoolAdopted', message });
  }
  return untagged.length === 0 ? sight : observePools(agent, pass.signal);
}
