import { builtin, type Client, type Pod, sleep } from '@dot-kube/operator';
import { LocalVolumeWriter } from '../../api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../api/local-volume.schema.ts';
import type { NodeContext } from './context.ts';
import type { NodeVolumes } from './node-volumes.ts';

const lookMs = 10_000;

/**
 * Looks at each volume whose writer record names this node, from the agent's start on: what kubelet left mounted and nobody
 * needs is taken down, and the record of what nothing here can write to is given up. Ends with the agent.
 */
export async function keepRecords(context: NodeContext, volumes: NodeVolumes): Promise<void> {
  const { node, client, clock, log, until } = context;
  while (!until.aborted) {
    try {
      const { items } = await client.list(LocalVolumeWriter, { fieldSelector: `spec.node=${node}`, signal: until });
      for (const { metadata } of items) {
        await volumes.clearStaging(metadata.name, () => isNeeded(client, node, metadata.name, until), until);
        await volumes.look(metadata.name);
      }
    } catch (error) {
      if (!until.aborted) log.warn({ err: error }, 'Could not look at the volumes that are open here');
    }
    await sleep(clock, lookMs, until);
  }
}

/** Whether a pod that is bound to this node names the claim of the volume, asked of the server; where nobody knows, it is. */
async function isNeeded(client: Client, node: string, volume: string, signal: AbortSignal): Promise<boolean> {
  const claim = await claimOf(client, volume, signal);
  if (claim === undefined) return true;
  const fieldSelector = `spec.nodeName=${node}`;
  const { items } = await client.list(builtin.Pod, { namespace: claim.namespace, fieldSelector, signal });
  return items.some((pod) => claimsOf(pod).includes(claim.name));
}

const claimsOf = ({ metadata, spec }: Pod): (string | undefined)[] =>
  (spec?.volumes ?? []).map(({ name, persistentVolumeClaim, ephemeral }) =>
    ephemeral === undefined ? persistentVolumeClaim?.claimName : `${metadata.name}-${name}`,
  );

/** A volume that was kept may have another claim by now, which its PersistentVolume knows. */
async function claimOf(
  client: Client,
  volume: string,
  signal: AbortSignal,
): Promise<{ namespace: string; name: string } | undefined> {
  const persistent = await client.get(builtin.PersistentVolume, volume, { signal });
  const { namespace, name } = persistent?.spec?.claimRef ?? {};
  if (namespace !== undefined && name !== undefined) return { namespace, name };
  const { pvcNamespace, pvcName } = (await client.get(LocalVolume, volume, { signal }))?.spec ?? {};
  return pvcNamespace === undefined || pvcName === undefined ? undefined : { namespace: pvcNamespace, name: pvcName };
}
