import { createOnce, findCondition } from '@dot-kube/operator';
import { LocalDisk } from '../../../api/local-disk.schema.ts';
import type { FoundDisk } from './discover-disks.ts';
import { collidingDiskName, diskName } from './disk-identity.ts';
import { keptIdentity } from './disk-passport.ts';
import type { Desk } from './local-disk-writer.ts';

/**
 * The LocalDisk of another node that a disk stood for before it was moved here: one of its identity that its node shows
 * as away, and whose physical volume it holds where that stands for one. Of the disk's own objects it takes the place of
 * one alone that was made while the other node still showed the disk as there.
 */
export function predecessorOf(found: FoundDisk, elsewhere: readonly LocalDisk[]): LocalDisk | undefined {
  const pvUUID = found.lvm?.get(found.device.path)?.pvUuid;
  const isInterim = findCondition(found.known?.status?.conditions, 'Unique')?.reason === 'DuplicateIdentity';
  return elsewhere.find(({ spec }) => {
    const isOfIt = spec.uuid === keptIdentity(found.identity) && spec.state === 'Inactive';
    const isPassport = spec.pvUUID !== undefined && spec.pvUUID === pvUUID;
    const isUnbound = spec.pvUUID === undefined && spec.claimRef === undefined && spec.reserved !== true;
    if (!isOfIt) return false;
    return found.known === undefined ? isPassport || spec.pvUUID === undefined : isInterim && (isPassport || isUnbound);
  });
}

/**
 * Makes the LocalDisk of a disk that none stands for yet. Its name says its identity; where another has that name, it
 * says place and node, too.
 */
export async function makeDisk(
  { client, node, known, signal }: Desk,
  { identity, device: { path } }: FoundDisk,
  object: LocalDisk,
  isTwin: boolean,
): Promise<LocalDisk> {
  const taken = new Set(known.map(({ metadata }) => metadata.name));
  const colliding = Array.from(taken, (_name, index) => collidingDiskName(identity, node, path, index + 1));
  const last = collidingDiskName(identity, node, path, taken.size + 1);
  const names = [...(isTwin ? [] : [diskName(identity)]), ...colliding, last];
  for (const name of names.filter((name) => !taken.has(name))) {
    const made = await createOnce(client, LocalDisk, { ...object, metadata: { ...object.metadata, name } });
    if (made !== undefined) return made;
    const other = await client.get(LocalDisk, name, { signal });
    // Made by an earlier look that this one did not see yet.
    if (other?.spec.nodeName === node) return other;
  }
  throw new Error(`${path}: LocalDisk ${last} belongs to another node`);
}
