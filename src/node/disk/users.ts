import type { LsblkNode } from './lsblk.ts';

export const partitionsOf = ({ children = [] }: LsblkNode): LsblkNode[] =>
  children.filter(({ type }) => type === 'part');

/** Who uses a device itself, and not a partition of it, as far as the kernel lists users. */
export function userOf({ mountpoints, children = [] }: LsblkNode): string | undefined {
  const [mountPoint] = mountpoints;
  if (mountPoint !== undefined) return mountPoint === '[SWAP]' ? 'used as swap' : `mounted on ${mountPoint}`;
  const held = children.filter(({ type }) => type !== 'part').map(({ path, type }) => `${path} (${type})`);
  return held.length === 0 ? undefined : `held by ${held.join(', ')}`;
}

/** Why nothing is written to a device, whoever uses it. */
export function unwritable({ ro, fstype }: LsblkNode): string | undefined {
  if (ro) return 'read-only';
  return fstype === 'mpath_member' ? 'one path of a multipath device' : undefined;
}
