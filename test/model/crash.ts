import type { Interceptor } from '@dot-kube/operator/testing';
import type { HostTools } from '../../src/node/tools.ts';
import type { ModelCluster, RunOptions } from './cluster.ts';
import { Killed } from './killed.ts';

export { Killed } from './killed.ts';

/** Kinds whose writes are no step of anything: who tells, and who lives. */
export const besideThePoint = new Set(['events.events.k8s.io', 'leases.coordination.k8s.io']);

export interface CrashPoint {
  /** Which write, of the API server's and the hosts' together, in the order they happen. */
  readonly write: number;
  readonly when: 'before' | 'after';
}

/** Runs a cluster and counts its writes; at the crash point, if one is given, every process dies at once. */
export async function runUntil(cluster: ModelCluster, point?: CrashPoint): Promise<{ writes: string[] }> {
  const writes: string[] = [];
  const death = new AbortController();
  const die = (): never => {
    const killed = new Killed();
    death.abort(killed);
    throw killed;
  };
  const isDue = (when: CrashPoint['when']): boolean => point?.when === when && writes.length - 1 === point.write;

  const intercept: Interceptor = async (write, act) => {
    if (death.signal.aborted) throw new Killed();
    if (besideThePoint.has(write.resource)) return act();
    writes.push(`${write.verb} ${write.resource} ${write.name}`);
    if (isDue('before')) die();
    const answer = await act();
    if (isDue('after')) die();
    return answer;
  };
  cluster.world.onStep = ({ host, command, subject, when }) => {
    if (death.signal.aborted) throw new Killed();
    if (when === 'before') writes.push(`${command} ${subject} on ${host}`);
    if (isDue(when)) die();
  };
  try {
    await cluster.run({ intercept, killed: death.signal });
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  } finally {
    cluster.world.onStep = undefined;
  }
  return { writes };
}

/** Runs until a tool has made a certain change; then every process dies at once. */
export async function runUntilStep(cluster: ModelCluster, command: string): Promise<void> {
  const death = new AbortController();
  cluster.world.onStep = (step) => {
    if (step.command === command && step.when === 'after') death.abort(new Killed());
    if (death.signal.aborted) throw new Killed();
  };
  try {
    const intercept: Interceptor = (_write, act) => {
      if (death.signal.aborted) throw new Killed();
      return act();
    };
    await cluster.run({ intercept, killed: death.signal });
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  } finally {
    cluster.world.onStep = undefined;
  }
}

/** Runs, and does something in between: when a certain write was made, of whoever; at the latest when all is settled. */
export async function runAnd(cluster: ModelCluster, atWrite: number, act: () => Promise<unknown>): Promise<void> {
  let writes = 0;
  const count = async (): Promise<void> => {
    if (writes++ === atWrite) await act();
  };
  const intercept: Interceptor = async (write, proceed) => {
    const answer = await proceed();
    if (!besideThePoint.has(write.resource)) await count();
    return answer;
  };
  cluster.world.onStep = ({ when }) => (when === 'after' ? count() : undefined);
  await cluster.run({ intercept });
  cluster.world.onStep = undefined;
  if (writes > atWrite) return;
  await act();
  await cluster.run();
}

/** Times, and names that chance chose: what may differ between two worlds that ended alike. */
const chosen = new Set([
  'since',
  'deadline',
  'nextTry',
  'pieceSince',
  'reportingInstance',
  'renewTime',
  'acquireTime',
  'moveId',
]);

/** The whole world, for comparing: every object, every disk, every kernel. */
export function worldOf(cluster: ModelCluster): unknown {
  const { 'events.events.k8s.io': _events, 'leases.coordination.k8s.io': _leases, ...objects } = cluster.api.dump();
  const text = JSON.stringify({ objects, hosts: cluster.world.describe() }, (key, value: unknown) => {
    if (chosen.has(key) && typeof value === 'string') return undefined;
    // A refusal that healed is no part of the world any more.
    if (key === 'conditions' && Array.isArray(value))
      return value.filter((condition: { type?: string }) => condition.type !== 'Stalled');
    return value;
  });
  return JSON.parse(text.replaceAll(/sim-\d{6}/g, 'sim')) as unknown;
}

/** Host tools that do everything twice, as after a crash that nobody was told of. */
export function doubled(tools: HostTools): HostTools {
  const twice = <T extends object>(part: T): T =>
    new Proxy(part, {
      get: (target, name) => {
        const call = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          await call.apply(target, args);
          return call.apply(target, args);
        };
      },
    });
  return {
    disks: twice(tools.disks),
    lvm: twice(tools.lvm),
    drbd: twice(tools.drbd),
    fs: twice(tools.fs),
    os: twice(tools.os),
  };
}

export const runDoubled = (cluster: ModelCluster, more: RunOptions = {}) => cluster.run({ ...more, tools: doubled });
