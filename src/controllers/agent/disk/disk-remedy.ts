import type { BlockDevice } from '../../../api/observed/index.ts';
import { holdsPhysicalVolume, type LvmUse, type LvmUses } from './lvm-use.ts';

/** What is to be emptied: a device with its partitions, and what LVM has on them. */
export interface Content {
  readonly device: BlockDevice;
  readonly partitions: readonly BlockDevice[];
  readonly holders: readonly BlockDevice[];
  readonly lvm: LvmUses;
}

/** What to do where a physical volume was seen and LVM can't be asked whose it is. */
export const askLvm =
  'Nobody knows whose it is until LVM can be asked. If there is none, install lvm2 on the node: condition Available of the LocalStorageNode has the command.';

/**
 * What a person does whose content may go, as the end of a message. Never a word of wiping where nobody knows whose
 * physical volume would be wiped: it may be a pool's.
 * @param first what ends the use, such as `umount it`
 */
export function ifMayGo(content: Content, first?: string): string {
  if (isLvmUnknown(content)) return askLvm;
  const moved = usesOf(content).find(({ use }) => use.kind === 'movedPool');
  if (moved !== undefined) return putBack(moved.use);
  const away = usesOf(content).find(({ use }) => use.kind === 'awayGroup');
  if (away !== undefined) return findGroup(away.path);
  return `If its content may go: ${first === undefined ? '' : `${first}, then `}${emptying(content)}`;
}

/** A physical volume was seen, or what LVM made, and LVM can't be asked. */
export const isLvmUnknown = ({ device, partitions, holders, lvm }: Content): boolean =>
  lvm === undefined &&
  ([device, ...partitions].some(holdsPhysicalVolume) || holders.some(({ type }) => type === 'lvm'));

/** Volume groups go before their physical volumes, and partitions before the disk: what stands in them would be found again. */
function emptying(content: Content): string {
  const { device, partitions } = content;
  const used = usesOf(content);
  const groups = new Set(used.filter(({ use }) => use.kind !== 'orphan').map(({ use }) => removal(use)));
  const labels = used.length === 0 ? [] : [`pvremove ${used.map(({ path }) => path).join(' ')}`];
  const isLabelAll = partitions.length === 0 && used.length > 0;
  const wiping = `wipefs -a ${[...partitions.map(({ path }) => path), device.path].join(' ')}`;
  return [...groups, ...labels, ...(isLabelAll ? [] : [wiping])].join('; ');
}

const usesOf = ({ device, partitions, lvm }: Content): { path: string; use: LvmUse }[] =>
  [...partitions, device].flatMap(({ path }) => {
    const use = lvm?.get(path);
    return use === undefined ? [] : [{ path, use }];
  });

/** The volumes on it may be the last copies that there are. */
const putBack = ({ group, groupNode = 'another node' }: LvmUse): string =>
  `Volume group ${group} on it is the pool of ${groupNode} in this cluster: put the disk back there.`;

/** Which group, and what stands in it, is written on its other disks alone: it may be a pool. */
const findGroup = (path: string): string =>
  `What that group is stands on its other disks alone, and none of them is there: plug them in again. It is left alone until then; see pvs -o +pv_in_use ${path}`;

/** By UUID where the name is one that a pool of ours may have, too. */
const removal = ({ kind, group, groupUuid }: LvmUse): string =>
  kind === 'foreignGroup' ? `vgremove ${group}` : `vgremove --select vg_uuid=${groupUuid}`;
