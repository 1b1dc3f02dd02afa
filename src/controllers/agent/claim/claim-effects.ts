import { type Client, gone, type PerformersOf } from '@dot-kube/operator';
import { type DiskWipe, LocalDiskClaim } from '../../../api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../../api/local-disk.schema.ts';
import { LocalStorageNode } from '../../../api/local-storage-node.schema.ts';
import { fieldManagers, poolNameOf, poolClasses } from '../../../api/names.ts';
import { volumeGroupTags } from '../../../api/tags.ts';
import type { localDiskClaimMachine, EffectOf } from '../../../machines/index.ts';
import { CommandError } from '../../../node/errors.ts';
import { claimedDevice } from './claimed-device.ts';
import type { AgentContext } from '../context.ts';
import { isPartitionOf } from '../disk/disk-identity.ts';
import { quarantine, twinElsewhere } from '../disk/local-disk-writer.ts';
import { isOurPool } from '../pool/pool-groups.ts';
import { withRecord } from '../pool/pool-records.ts';

interface ClaimTask {
  readonly agent: AgentContext;
  readonly client: Client;
  readonly claim: LocalDiskClaim;
  readonly disks: readonly LocalDisk[];
  /** What was written down of the disks that are to be wiped. */
  readonly wipes: readonly DiskWipe[];
  /** Pools by the names of their disks. */
  readonly pooled: ReadonlyMap<string, string>;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

export const claimPerformers = ({ agent, client, claim, disks, wipes, pooled, nowMs, signal }: ClaimTask) => {
  const { name } = claim.metadata;
  const chosen = (names: readonly string[]) => disks.filter(({ metadata }) => names.includes(metadata.name));
  const put = async (disk: LocalDisk, claimRef: { name: string } | undefined): Promise<void> => {
    const { claimRef: _before, ...spec } = disk.spec;
    const next = claimRef === undefined ? spec : { ...spec, claimRef };
    await client.update(LocalDisk, { ...disk, spec: next });
  };
  /** As it is now: it may have been reserved, given away or made anew since the claim was looked at, which the next look tells. */
  const mayStillHave = async ({ metadata }: LocalDisk): Promise<boolean> => {
    const now = await client.get(LocalDisk, metadata.name, { signal });
    return now?.metadata.uid === metadata.uid && now?.spec.claimRef?.name === name && now.spec.reserved !== true;
  };
  return {
    recordDisks: ({ disks: names }) =>
      client.update(LocalDiskClaim, {
        ...claim,
        spec: { ...claim.spec, diskRefs: names.map((name) => ({ kind: 'LocalDisk', name })) },
      }),
    claimDisks: async ({ disks: names }) => {
      for (const disk of chosen(names)) {
        // Another node may have found the same disk since this one was looked at.
        const twin = await twinElsewhere({ client, node: agent.node, signal }, identitiesOf(disk, disks));
        if (twin === undefined) await put(disk, { name });
        else await quarantine({ client, nowMs, signal }, disk, twin);
      }
    },
    wipeDisks: async ({ disks: names }) => {
      await eachAlone(chosen(names), async (disk) => {
        const seen = wipes.find((wipe) => wipe.disk === disk.metadata.name);
        if (seen === undefined) throw new Error(`nobody wrote down what is on ${disk.metadata.name}`);
        const device = claimedDevice(disk, await agent.tools.disks.scan(signal));
        if (await mayStillHave(disk)) await agent.tools.disks.wipe({ device, seen }, signal);
      });
    },
    extendPool: async ({ disks: names }) => {
      await eachAlone(chosen(names), async (disk) => {
        const put = await pooling(agent, client, disk, signal);
        if (await mayStillHave(disk)) await put();
      });
    },
    recordExtension: async () => {
      const { node } = agent;
      const pools = (claim.spec.diskRefs ?? []).flatMap(({ name = '' }) => pooled.get(name) ?? []);
      const before = (await client.get(LocalStorageNode, node))?.status?.poolExtendRecords;
      const status = { poolExtendRecords: withRecord(before, claim.spec, pools) };
      const manager = { fieldManager: fieldManagers.poolRecords, force: true };
      await client.applyStatus(LocalStorageNode, { metadata: { name: node }, status }, manager);
    },
    releaseDisks: async () => {
      for (const disk of disks.filter(({ spec }) => spec.claimRef?.name === name)) await put(disk, undefined);
    },
    removeObject: async () => gone,
  } satisfies PerformersOf<EffectOf<typeof localDiskClaimMachine>>;
};

/** What is refused for one disk holds no other up. @throws what was refused first, when all had their turn */
async function eachAlone(disks: readonly LocalDisk[], act: (disk: LocalDisk) => Promise<void>): Promise<void> {
  const refusals: unknown[] = [];
  for (const disk of disks) await act(disk).catch((error: unknown) => refusals.push(error));
  if (refusals.length > 0) throw refusals[0];
}

/** Of a disk, and of the disk that a partition is on. */
const identitiesOf = ({ spec: { uuid } }: LocalDisk, disks: readonly LocalDisk[]): string[] =>
  uuid === undefined
    ? []
    : [
        uuid,
        ...disks.flatMap(({ spec }) => (spec.uuid !== undefined && isPartitionOf(spec.uuid, uuid) ? [spec.uuid] : [])),
      ];

/**
 * How one disk is put into the pool of its kind; what stands on it now is looked at by the tool in the same step.
 * @throws CommandError `DEVICE_NOT_FOUND`, `DEVICE_CHANGED`, `VG_NOT_OURS`; `PV_MISSING`: the pool is away with its disks
 */
async function pooling(
  agent: AgentContext,
  client: Client,
  disk: LocalDisk,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const { node, tools, cluster } = agent;
  const device = claimedDevice(disk, await tools.disks.scan(signal));
  const media = poolClasses.find((media) => media === disk.spec.diskAttributes?.type) ?? 'HDD';
  const name = poolNameOf(media);
  const pool = (await client.get(LocalStorageNode, node, { signal }))?.status?.pools?.[name];
  const named = (await tools.lvm.volumeGroups(signal)).filter((group) => group.name === name);
  const known = named.find(({ uuid }) => uuid === pool?.vgUUID);
  // Another group of its name would be in its way when its disks are back. One that is really gone the next look drops.
  if (pool?.vgUUID !== undefined && known === undefined)
    throw new CommandError({
      code: 'PV_MISSING',
      command: `extend ${name}`,
      stderr: pool.state === 'Missing' ? `the pool is Missing (${pool.reason})` : 'no disk of the pool is there',
    });
  const group = known ?? named[0];
  if (group !== undefined && !isOurPool(group, agent))
    throw new CommandError({ code: 'VG_NOT_OURS', command: `extend ${name}` });
  return async () => {
    if (group !== undefined) await tools.lvm.extendVolumeGroup({ volumeGroup: group, device }, signal);
    else
      await tools.lvm.createVolumeGroup(
        { name, device, tags: volumeGroupTags({ cluster: cluster.clusterId, node }) },
        signal,
      );
  };
}
