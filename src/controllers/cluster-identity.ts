import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { builtin, type Client, isAlreadyExists, type Secret } from '@dot-kube/operator';
import { LocalStorageNode } from '../api/local-storage-node.schema.ts';
import { LocalVolumeReplica } from '../api/local-volume-replica.schema.ts';
import { clusterSecretName, namespace } from '../api/names.ts';

/** Chosen once for a cluster, kept in a Secret; goes into the tags of everything that is ours. */
export interface ClusterIdentity {
  readonly clusterId: string;
  /** The shared secrets of all DRBD resources are made from it. */
  readonly drbdKey: string;
}

/** @returns undefined as long as the controller has not chosen one */
export async function readClusterIdentity(client: Client, signal?: AbortSignal): Promise<ClusterIdentity | undefined> {
  const options = { namespace, ...(signal === undefined ? {} : { signal }) };
  const secret = await client.get(builtin.Secret, clusterSecretName, options);
  return secret === undefined ? undefined : identityIn(secret);
}

/**
 * Chooses the cluster's identity, or reads the one that was chosen before.
 * @throws Error when one was chosen and its Secret is gone: under another one every pool would be somebody else's
 */
export async function ensureClusterIdentity(client: Client, signal?: AbortSignal): Promise<ClusterIdentity> {
  const present = await readClusterIdentity(client, signal);
  if (present !== undefined) return present;
  await refuseIfChosenBefore(client, signal);
  const chosen: ClusterIdentity = { clusterId: randomUUID(), drbdKey: randomBytes(32).toString('hex') };
  const data = Object.fromEntries(Object.entries(chosen).map(([key, value]) => [key, encode(String(value))]));
  try {
    await client.create(builtin.Secret, { metadata: { name: clusterSecretName, namespace }, type: 'Opaque', data });
    return chosen;
  } catch (error) {
    const winner = isAlreadyExists(error) ? await readClusterIdentity(client, signal) : undefined;
    if (winner === undefined) throw error;
    return winner;
  }
}

async function refuseIfChosenBefore(client: Client, signal?: AbortSignal): Promise<void> {
  const options = signal === undefined ? {} : { signal };
  const [nodes, replicas] = await Promise.all([
    client.list(LocalStorageNode, options),
    client.list(LocalVolumeReplica, options),
  ]);
  const marked = [
    ...nodes.items.flatMap(({ metadata, status }) =>
      Object.values(status?.pools ?? {}).some(({ vgUUID }) => vgUUID !== undefined) ? [`lsn ${metadata.name}`] : [],
    ),
    ...replicas.items.flatMap(({ metadata, spec }) => (spec.volumeId === undefined ? [] : [`lvr ${metadata.name}`])),
  ];
  if (marked.length > 0)
    throw new Error(
      `Secret ${namespace}/${clusterSecretName} is gone, and ${marked.slice(0, 3).join(', ')} stand for data that carry its mark. ` +
        'Put it back from a backup; clusterId stands in the tags of the pools (vgs -o vg_tags on a node), and any drbdKey will do.',
    );
}

/** The secret that the two legs of a volume's DRBD resource share: 43 characters, as a DRBD 8.4 kernel takes 63 at most. */
export const drbdSecretOf = ({ drbdKey }: ClusterIdentity, volumeId: string): string =>
  createHmac('sha256', drbdKey).update(volumeId).digest('base64url');

function identityIn(secret: Secret): ClusterIdentity {
  const [clusterId, drbdKey] = ['clusterId', 'drbdKey'].map((key) => decode(secret.data?.[key] ?? ''));
  if (clusterId === undefined || clusterId === '' || drbdKey === undefined || drbdKey === '')
    throw new Error(
      `Secret ${namespace}/${clusterSecretName} lacks clusterId or drbdKey: put them back from a backup.`,
    );
  return { clusterId, drbdKey };
}

const encode = (text: string): string => Buffer.from(text).toString('base64');
const decode = (text: string): string => Buffer.from(text, 'base64').toString();
