import { after, type KubernetesObject, lifecycle, type Pass, type Result } from '@dot-kube/operator';
import type { LocalPool, LocalStorageNode, PoolState } from '../../../api/local-storage-node.schema.ts';
import { decide, type EffectOf, type PoolEvent, poolMachine } from '../../../machines/index.ts';
import { progressOf, type Why } from '../../progress.ts';
import type { AgentContext } from '../context.ts';
import { poolPerformers } from './pool-effects.ts';
import { poolEvent, type PoolFacts } from './pool-event.ts';
import { awayPool, closedPool, presentPool } from './pool-status.ts';
import { poolWhy } from './pool-words.ts';

/** A pool is a part of its node's status, and lives as if it were an object of its own. */
type PoolObject = KubernetesObject & { status?: LocalPool };

interface Seen {
  readonly facts: PoolFacts;
  readonly event: PoolEvent;
  /** What the status says of it, but for its state. */
  readonly pool: LocalPool;
  readonly why: Why;
}

interface PoolDesk {
  readonly agent: AgentContext;
  /** Of the node. */
  readonly pass: Pass<LocalStorageNode>;
  /** What the status of the node said last of the pool. */
  readonly before: LocalPool | undefined;
  /** @param anew the pool was changed since the last look */
  readonly look: (before: LocalPool | undefined, anew: boolean) => Promise<PoolFacts>;
  readonly save: (pool: LocalPool) => Promise<void>;
}

/** More than a pool takes that is found, marked, mended and refreshed. */
const mostLooks = 10;

/** Brings one pool as far as it gets now. */
export async function livePool({ agent, pass, before, look, save }: PoolDesk): Promise<Result> {
  let saved = before;
  let looks = 0;
  const write = async (pool: LocalPool): Promise<void> => {
    saved = pool;
    await save(pool);
  };
  const live = lifecycle<PoolObject, Seen, PoolState, EffectOf<typeof poolMachine>>({
    observe: async ({ object }) => seenOf(await look(object.status, looks > 0)),
    stateOf: ({ status }) => status?.state,
    decide: (state, { event }) => decide(poolMachine, state, event),
    status: ({ status }, { facts: { pool, why }, state, nowMs }) => ({
      ...pool,
      state,
      ...progressOf(status, state, why, { nowMs }),
    }),
    announce: ({ status }, { facts: { why }, state }) => {
      // Its disks may come back with nothing on them.
      const isSame = state === status?.state && (state !== 'Missing' || why.reason === status.reason);
      if (isSame) return undefined;
      if (state === 'Degraded' || state === 'Missing') return { type: 'Warning', ...why };
      const isMended = state === 'Healthy' && ['Degraded', 'Missing'].includes(status?.state ?? '');
      return isMended ? { type: 'Normal', reason: 'PoolHealthy', message: why.message } : undefined;
    },
    perform: ({ events, signal }, { facts }) =>
      poolPerformers({ agent, facts, emit: (event) => events.emit(event), signal }),
  });

  for (; looks < mostLooks; looks++) {
    const { metadata } = pass.object;
    const object = { metadata, ...(saved === undefined ? {} : { status: saved }) };
    const result = await live({ ...pass, object, status: { write, apply: (pool) => write(pool as LocalPool) } });
    if (result.kind !== 'again') return result;
  }
  return after(0);
}

/** @returns undefined where there is no pool yet */
function seenOf(facts: PoolFacts): Seen | undefined {
  const event = poolEvent(facts);
  const pool = event && poolSeen(facts, event);
  return event && pool && { facts, event, pool, why: poolWhy(event, pool) };
}

function poolSeen({ name, isSeen, seen, found, lost, before }: PoolFacts, { type }: PoolEvent): LocalPool | undefined {
  const isChangeable = type === 'pool.whole' || type === 'disk.grown';
  if (seen !== undefined) return presentPool(name, seen, { before, found, isChangeable });
  if (before === undefined) return undefined;
  return isSeen ? awayPool(before, lost) : closedPool(before);
}
