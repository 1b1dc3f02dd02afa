import { type Client, gone, type PerformersOf } from '@dot-kube/operator';
import { LocalDiskClaim } from '../../api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../api/local-disk.schema.ts';
import { poolNameOf, poolClasses } from '../../api/names.ts';
import { volumeGroupTags } from '../../api/tags.ts';
import type { localDiskClaimMachine, EffectOf } from '../../machines/index.ts';
import { CommandError } from '../../node/errors.ts';
import type { AgentContext } from './context.ts';
import { isOurPool } from './pool-status.ts';
import { isSameDevice } from './same-device.ts';

/** On a claim that has chosen disks: they are given back before it goes. */
export const claimFinalizer = 'hwameistor.io/claim-protection';

interface ClaimTask {
  readonly agent: AgentContext;
  readonly client: Client;
  readonly claim: LocalDiskClaim;
  readonly disks: readonly LocalDisk[];
  readonly signal: AbortSignal;
}

export const claimPerformers = ({ agent, client, claim, disks, signal }: ClaimTask) => {
  const { name } = claim.metadata;
  const chosen = (names: readonly string[]) => disks.filter(({ metadata }) => names.includes(metadata.name));
  const put = async (disk: LocalDisk, claimRef: { name: string } | undefined): Promise<void> => {
    const { claimRef: _before, ...spec } = disk.spec;
    const next = claimRef === undefined ? spec : { ...spec, claimRef };
    await client.update(LocalDisk, { ...disk, spec: next });
  };
  return {
    recordDisks: ({ disks: names }) =>
      client.update(LocalDiskClaim, {
        ...claim,
        spec: { ...claim.spec, diskRefs: names.map((name) => ({ kind: 'LocalDisk', name })) },
      }),
    claimDisks: async ({ disks: names }) => {
      for (const disk of chosen(names)) await put(disk, { name });
    },
    extendPool: async ({ disks: names }) => {
      for (const disk of chosen(names)) await putIntoPool(agent, disk, signal);
    },
    releaseDisks: async () => {
      for (const disk of disks.filter(({ spec }) => spec.claimRef?.name === name)) await put(disk, undefined);
    },
    removeObject: async () => gone,
  } satisfies PerformersOf<EffectOf<typeof localDiskClaimMachine>>;
};

/** Puts one disk into the pool of its kind; what stands on it now is looked at by the tool in the same step. */
async function putIntoPool({ tools, cluster }: AgentContext, disk: LocalDisk, signal: AbortSignal): Promise<void> {
  const { devicePath, diskAttributes } = disk.spec;
  const device = (await tools.disks.scan(signal)).find(({ path }) => path === devicePath);
  if (device === undefined) throw new CommandError({ code: 'DEVICE_NOT_FOUND', command: `look at ${devicePath}` });
  if (!isSameDevice(disk, device)) throw new CommandError({ code: 'DEVICE_CHANGED', command: `look at ${devicePath}` });

  const media = poolClasses.find((media) => media === diskAttributes?.type) ?? 'HDD';
  const name = poolNameOf(media);
  const group = (await tools.lvm.volumeGroups(signal)).find((group) => group.name === name);
  if (group !== undefined && !isOurPool(group, cluster.clusterId))
    throw new CommandError({ code: 'VG_NOT_OURS', command: `extend ${name}` });
  if (group !== undefined) await tools.lvm.extendVolumeGroup({ volumeGroup: group, device }, signal);
  else
    await tools.lvm.createVolumeGroup({ name, device, tags: volumeGroupTags({ cluster: cluster.clusterId }) }, signal);
}
