import type { Client } from '@dot-kube/operator';
import { LocalDisk } from '../../../api/local-disk.schema.ts';
import { identityLabel } from './disk-identity.ts';
import { identityLabelKey } from './disk-object.ts';
import { keptIdentity } from './disk-passport.ts';

/** So many identities are asked for at once: the API server takes no address of more than some thousand characters. */
const batch = 64;

/** LocalDisks of other nodes that have one of these identities. */
export async function disksElsewhere(
  { client, node, signal }: { client: Client; node: string; signal: AbortSignal },
  identities: readonly string[],
): Promise<LocalDisk[]> {
  const labels = [...new Set(identities.map(identityLabel))].sort();
  const found: LocalDisk[] = [];
  for (let from = 0; from < labels.length; from += batch) {
    const labelSelector = `${identityLabelKey} in (${labels.slice(from, from + batch).join(',')})`;
    const { items } = await client.list(LocalDisk, { labelSelector, signal });
    found.push(...items.filter(({ spec }) => spec.nodeName !== node));
  }
  return found;
}

/** Of an identity, the one that is there, or was when its node was last heard of: then it is nobody's alone. */
export const presentTwin = (elsewhere: readonly LocalDisk[], identity: string): LocalDisk | undefined =>
  elsewhere.find(({ spec }) => spec.uuid === keptIdentity(identity) && spec.state !== 'Inactive');
