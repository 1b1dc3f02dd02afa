import type { VolumeGroup } from '../../../api/observed/index.ts';
import { parseVolumeGroupTags } from '../../../api/tags.ts';
import type { Why } from '../../progress.ts';
import { type GroupsOfName, type Owner, whose } from './pool-groups.ts';

/** Why a group under a pool's name is no pool of this node, and how it could become one. */
export function strangerWhy(
  group: VolumeGroup,
  { pool, strangers }: GroupsOfName,
  owner: Owner,
  isPoolAway: boolean,
): Why {
  const { name, uuid } = group;
  const kind = whose(group, owner);
  const { node, cluster } = parseVolumeGroupTags(group.tags).tags;
  const isAlone = pool === undefined && strangers.length === 1 && !isPoolAway;
  if (kind === 'moved' && isAlone)
    return {
      reason: 'MovedHere',
      message: `Volume group ${name} (${uuid}) carries the mark of node ${node ?? 'nobody knows which'}: its disks were moved here. It is left alone. Put the disks back into that node; or, if that node will never use it again, take it over: vgchange ${nodeTags(group)} ${name}`,
    };
  if (kind === 'foreign' && isAlone)
    return {
      reason: 'OtherCluster',
      message: `Volume group ${name} (${uuid}) carries the mark of ${cluster === undefined ? 'no cluster that is understood' : `cluster ${cluster}`} and is left alone. Are its data this cluster’s, whose Secret hwameistor/hwameistor-cluster was lost, put that back with this id; else, to use the name here: vgrename ${uuid} NEWNAME`,
    };
  if (kind === 'unmarked' && isAlone) return notWhole(group);
  const other = isPoolAway
    ? 'the pool of that name is this node’s, and is not there: see condition PoolsHealthy'
    : pool === undefined
      ? 'another group has that name, and neither is known to be the pool'
      : `the pool is the one with UUID ${pool.uuid}`;
  return {
    reason: 'NameAmbiguous',
    message: `Volume group ${name} (${uuid}${kind === 'moved' ? `, of node ${node}` : ''}) is left alone: ${other}. Give it another name: vgrename ${uuid} NEWNAME`,
  };
}

/** A group that was made by hand becomes a pool when LVM takes its mark. */
export const notWhole = ({ name, uuid }: VolumeGroup): Why => ({
  reason: 'NotWhole',
  message: `Volume group ${name} (${uuid}) was made by hand and is not adopted while a disk of it is missing or there twice. See pvs on the node.`,
});

const nodeTags = ({ tags }: VolumeGroup): string =>
  tags
    .filter((tag) => tag.startsWith('hwameistor.io/node='))
    .map((tag) => `--deltag ${tag}`)
    .join(' ');
