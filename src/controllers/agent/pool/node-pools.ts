import { done, type Pass, type Result } from '@dot-kube/operator';
import type { LocalDisk } from '../../../api/local-disk.schema.ts';
import type { LocalPool, LocalStorageNode } from '../../../api/local-storage-node.schema.ts';
import type { LocalVolumeReplica } from '../../../api/local-volume-replica.schema.ts';
import { type PoolName, poolNames } from '../../../api/names.ts';
import type { Why } from '../../progress.ts';
import type { AgentContext } from '../context.ts';
import type { FoundDisk } from '../disk/discover-disks.ts';
import type { PoolFacts } from './pool-event.ts';
import { isMetadataLow } from './pool-figures.ts';
import { type GroupsOfName, groupsOfName } from './pool-groups.ts';
import { livePool } from './pool-lifecycle.ts';
import { type Absence, absenceOf } from './absent-pool.ts';
import { groupSight, type PoolSight } from './pool-status.ts';
import { notWhole, strangerWhy } from './stranger-words.ts';

/** All that the pools of a node are told from. */
interface PoolsDesk {
  readonly agent: AgentContext;
  readonly pass: Pass<LocalStorageNode>;
  readonly found: readonly FoundDisk[];
  readonly known: readonly LocalDisk[];
  readonly replicas: readonly LocalVolumeReplica[];
  /** Absent: LVM could not be asked. */
  readonly sight: PoolSight | undefined;
  readonly lookAnew: () => Promise<PoolSight>;
  /** Saves what the status says of all pools. */
  readonly save: (pools: Record<string, LocalPool>) => Promise<void>;
}

interface LivedPools {
  readonly pools: Record<string, LocalPool>;
  readonly strangers: readonly Why[];
  readonly lowOnMetadata: readonly string[];
  /** When a pool that was refused something is tried again. */
  readonly result: Result;
}

/** Brings each pool of the node as far as it gets now, one after the other. */
export async function livePools({
  agent,
  pass,
  found,
  known,
  replicas,
  lookAnew,
  save,
  ...desk
}: PoolsDesk): Promise<LivedPools> {
  let { sight } = desk;
  const last = pass.object.status?.pools ?? {};
  const absenceIn = (pool: LocalPool | undefined): Absence | undefined =>
    pool && sight && absenceOf(pool, sight, { found, known, replicas });
  const groupsOf = (name: PoolName, pool: LocalPool | undefined): GroupsOfName =>
    groupsOfName(name, sight?.groups ?? [], agent, pool && { ...pool, isAway: absenceIn(pool) !== undefined });
  const present = poolNames.filter(
    (name) =>
      groupsOf(name, last[name]).pool !== undefined ||
      (last[name] !== undefined && (sight === undefined || absenceIn(last[name]) !== undefined)),
  );
  const pools = Object.fromEntries(present.flatMap((name) => (last[name] === undefined ? [] : [[name, last[name]]])));

  const results: Result[] = [];
  for (const name of present) {
    const look = async (before: LocalPool | undefined, anew: boolean): Promise<PoolFacts> => {
      if (anew && sight !== undefined) sight = await lookAnew();
      const { pool, strangers } = groupsOf(name, before);
      const seen = pool && sight && groupSight(pool, sight);
      const isAmbiguous = strangers.length > 0;
      const { lost } = absenceIn(before) ?? {};
      return { name, owner: agent, isSeen: sight !== undefined, seen, isAmbiguous, found, lost, before };
    };
    const saveOne = async (pool: LocalPool): Promise<void> => {
      pools[name] = pool;
      await save(pools);
    };
    results.push(await livePool({ agent, pass, before: last[name], look, save: saveOne }));
  }

  const named = poolNames.map((name) => groupsOf(name, pools[name] ?? last[name]));
  return {
    pools,
    strangers: named.flatMap((groups, index) => {
      const away = absenceIn(last[poolNames[index] ?? '']) !== undefined;
      const unadopted = groups.pool !== undefined && pools[groups.pool.name] === undefined ? [groups.pool] : [];
      return [...unadopted.map(notWhole), ...groups.strangers.map((group) => strangerWhy(group, groups, agent, away))];
    }),
    lowOnMetadata: named.flatMap(({ pool }) => (pool !== undefined && isMetadataLow(pool) ? [pool.name] : [])),
    result: soonest(results),
  };
}

/** What failed goes first, then what comes first. */
function soonest(results: readonly Result[]): Result {
  const failed = results.find(({ kind }) => kind === 'failed');
  if (failed !== undefined) return failed;
  const waits = results.filter((result) => result.kind === 'after').sort((a, b) => a.ms - b.ms);
  return waits[0] ?? done;
}
