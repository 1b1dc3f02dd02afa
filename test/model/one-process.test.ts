import type { Interceptor } from '@dot-kube/operator/testing';
import { describe, expect, test } from 'vitest';
import { moveOf, withMove } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { besideThePoint, runUntil } from './crash.ts';
import { wherever, wholeOn } from './whereabouts.ts';

const second = 1_000;
const minute = 60 * second;
const timeoutMs = 300_000;
/** What all processes at once survive at every write is tried on one alone at some of them. */
const everyNth = 3;

const stateOf = async (cluster: ModelCluster) => (await moveOf(cluster))?.state;

/** Runs a cluster whose one process dies at a certain write, of whoever, and comes back a while later. */
async function strike(cluster: ModelCluster, process: string, atWrite: number, awayMs: number): Promise<void> {
  const death = new AbortController();
  let writes = 0;
  const count = (): void => {
    if (writes++ === atWrite) death.abort();
  };
  const intercept: Interceptor = async (write, act) => {
    const answer = await act();
    if (!besideThePoint.has(write.resource)) count();
    return answer;
  };
  cluster.world.onStep = ({ when }) => {
    if (when === 'after') count();
  };
  await cluster.run({ intercept, strike: { process, death: death.signal, awayMs } });
  cluster.world.onStep = undefined;
}

describe('a move in which one process alone dies, while all others and every kernel go on', () => {
  test.each([
    { name: 'the controller', process: 'controller' },
    { name: 'the source’s agent', process: 'node1' },
    { name: 'the target’s agent', process: 'node2' },
  ])('goes on when it was $name, at any write', { timeout: timeoutMs }, async ({ process }) => {
    const { writes } = await runUntil(await withMove());
    for (const [write, name] of [...writes.entries()].filter(([index]) => index % everyNth === 0)) {
      const cluster = await withMove();
      await strike(cluster, process, write, 10 * second);
      expect(await wherever(cluster), `at write ${write}: ${name}`).toEqual(wholeOn('node2'));
      expect(await stateOf(cluster)).toBe('Completed');
    }
  });

  test.each([
    // The kernel below it goes on, so that once all is on both sides the volume can be handed over without it.
    { name: 'the source’s agent', process: 'node1', ends: ['Completed'] },
    { name: 'the target’s agent', process: 'node2', ends: ['Aborted', 'Completed'] },
  ])('keeps one whole copy when it was $name, and for long', { timeout: timeoutMs }, async ({ process, ends }) => {
    const { writes } = await runUntil(await withMove());
    const seen = new Set<string | undefined>();
    for (const [write, name] of [...writes.entries()].filter(([index]) => index % (2 * everyNth) === 0)) {
      const cluster = await withMove();
      await strike(cluster, process, write, 15 * minute);
      // Until its lease is seen to change again.
      await cluster.run({ forMs: minute });
      const state = await stateOf(cluster);
      const holder = state === 'Aborted' ? 'node1' : 'node2';
      expect(await wherever(cluster), `${state} at write ${write}: ${name}`).toEqual(wholeOn(holder));
      seen.add(state);
    }
    expect([...seen].filter((state) => !ends.includes(state ?? ''))).toEqual([]);
    expect(seen.size).toBe(ends.length);
  });
});
