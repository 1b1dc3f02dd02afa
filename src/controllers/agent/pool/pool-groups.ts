import { isPoolName, type PoolName } from '../../../api/names.ts';
import type { VolumeGroup } from '../../../api/observed/index.ts';
import { parseVolumeGroupTags, tagPrefix } from '../../../api/tags.ts';
import type { AgentContext } from '../context.ts';

/**
 * Whose a volume group is, by its tags. `untied`: of this cluster, and no tag says of which node; `moved`: of another node
 * of this cluster; `foreign`: of another cluster, or marked by one that is not understood.
 */
type Whose = 'ours' | 'untied' | 'unmarked' | 'moved' | 'foreign';

/** This node in this cluster. */
export type Owner = Pick<AgentContext, 'node' | 'cluster'>;

export function whose({ tags: found }: VolumeGroup, { node, cluster }: Owner): Whose {
  const { tags, problems } = parseVolumeGroupTags(found);
  if (Object.keys(tags).length === 0 && problems.length === 0) return 'unmarked';
  if (tags.cluster !== cluster.clusterId) return 'foreign';
  if (tags.node === node) return 'ours';
  const isContradictory = problems.some((tag) => tag.startsWith(`${tagPrefix}node=`));
  return tags.node === undefined && !isContradictory ? 'untied' : 'moved';
}

/** A volume group of a pool's name that is marked as this cluster's, and not as another node's. */
export const isOurPool = (group: VolumeGroup, owner: Owner): boolean =>
  isPoolName(group.name) && ['ours', 'untied'].includes(whose(group, owner));

/** The pool that was known by this name, and whether its group is away with its disks. */
interface KnownPool {
  readonly vgUUID?: string;
  readonly isAway: boolean;
}

export interface GroupsOfName {
  /** The group that is the pool, or becomes it. */
  readonly pool: VolumeGroup | undefined;
  /** Groups of the same name that are not. */
  readonly strangers: readonly VolumeGroup[];
}

/**
 * Tells the pool from other groups of its name: the one that was known by its UUID, else the only one that this node
 * marked, else the only one there is, if nobody else marked it. While the known one is away nothing takes its place.
 */
export function groupsOfName(
  name: PoolName,
  groups: readonly VolumeGroup[],
  owner: Owner,
  known: KnownPool | undefined,
): GroupsOfName {
  const named = groups.filter((group) => group.name === name);
  const of = (...kinds: Whose[]): VolumeGroup[] => named.filter((group) => kinds.includes(whose(group, owner)));
  const marked = of('ours');
  const candidates = marked.length > 0 ? marked : named.length === 1 ? of('untied', 'unmarked') : [];
  const only = candidates.length === 1 && known?.isAway !== true ? candidates[0] : undefined;
  const pool = of('ours', 'untied').find(({ uuid }) => uuid === known?.vgUUID) ?? only;
  return { pool, strangers: named.filter((group) => group !== pool) };
}
