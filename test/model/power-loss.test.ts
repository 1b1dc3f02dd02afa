import type { Interceptor } from '@dot-kube/operator/testing';
import { describe, expect, test } from 'vitest';
import { moveOf, withMove } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { besideThePoint, runUntil } from './crash.ts';
import { wherever, wholeOn } from './whereabouts.ts';

const second = 1_000;
const minute = 60 * second;
/** An outage that outlasts patience has fewer ways to go wrong than places to begin: every so many of them are tried. */
const everyNth = 4;
/** A host loses power at a hundred places of a move, each time in a world made anew. */
const timeoutMs = 300_000;

/** Runs until a certain write of whoever, takes the power of a host away then, and lets the others go on for a while. */
async function losePower(cluster: ModelCluster, host: string, atWrite: number, offMs: number): Promise<void> {
  let writes = 0;
  const count = (): void => {
    if (writes++ === atWrite) cluster.world.host(host).powerOff();
  };
  const intercept: Interceptor = (write, act) => {
    if (!besideThePoint.has(write.resource)) count();
    return act();
  };
  cluster.world.onStep = ({ when }) => {
    if (when === 'after') count();
  };
  await cluster.run({ intercept, forMs: offMs, settles: false });
  cluster.world.onStep = undefined;
  // Most hosts activate what they find when they boot, some leave it to the agent.
  cluster.world.host(host).boot({ activates: atWrite % 2 === 0 });
  await cluster.run({ forMs: minute });
}

describe.each([
  { name: 'the source', host: 'node1' },
  { name: 'the target', host: 'node2' },
])('a move in which $name loses power at any write', ({ host }) => {
  test('goes on when it is back soon', { timeout: timeoutMs }, async () => {
    const { writes } = await runUntil(await withMove());
    for (const [write, name] of writes.entries()) {
      const cluster = await withMove();
      await losePower(cluster, host, write, 10 * second);
      expect(await wherever(cluster), `at write ${write}: ${name}`).toEqual(wholeOn('node2'));
      expect((await moveOf(cluster))?.state).toBe('Completed');
    }
  });

  test('keeps one whole copy when it is away for long', { timeout: timeoutMs }, async () => {
    const { writes } = await runUntil(await withMove());
    const ends = new Set<string | undefined>();
    for (const [write, name] of [...writes.entries()].filter(([index]) => index % everyNth === 0)) {
      const cluster = await withMove();
      await losePower(cluster, host, write, 10 * minute);
      const state = (await moveOf(cluster))?.state;
      const holder = state === 'Aborted' ? 'node1' : 'node2';
      expect(await wherever(cluster), `${state} at write ${write}: ${name}`).toEqual(wholeOn(holder));
      ends.add(state);
    }
    // A target that is away is given up; a source is waited for, since it has the data.
    expect(ends).toEqual(new Set(host === 'node2' ? ['Aborted', 'Completed'] : ['Completed']));
  });
});
