import type { Interceptor } from '@dot-kube/operator/testing';
import { expect, test } from 'vitest';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { copies, moveOf, withMove, withVolume } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { besideThePoint, Killed } from './crash.ts';
import { wherever, wholeOn } from './whereabouts.ts';

const minute = 60_000;
const timeoutMs = 300_000;
/** Writes of the settling and of looks are many, and alike: so many of them are skipped. */
const everyNth = 2;
const abort = (cluster: ModelCluster) =>
  cluster.kubectl.patch(LocalVolumeMigrate, 'move-vol', { spec: { abort: true } });
const nothing = async () => undefined;

const isInSyncTwice = async (cluster: ModelCluster): Promise<boolean> =>
  (await cluster.kubectl.get(LocalVolumeWriter, 'vol'))?.spec.inSync.length === 2;

interface Loss {
  readonly forMs: number;
  /** Done at the moment of the loss. */
  readonly meanwhile?: (cluster: ModelCluster) => Promise<unknown>;
  /** All processes end at this write after the loss. */
  readonly untilWrite?: number;
}

/** The source loses power as soon as everything is on both sides, and stays off. */
async function loseSource(cluster: ModelCluster, { forMs, meanwhile = nothing, untilWrite }: Loss): Promise<string[]> {
  const writes: string[] = [];
  let isLost = false;
  const death = new AbortController();
  const count = (name: string): void => {
    if (!isLost) return;
    writes.push(name);
    if (writes.length - 1 !== untilWrite) return;
    death.abort(new Killed());
    throw new Killed();
  };
  const intercept: Interceptor = async (write, act) => {
    if (death.signal.aborted) throw new Killed();
    const answer = await act();
    if (!besideThePoint.has(write.resource)) count(`${write.verb} ${write.resource} ${write.name}`);
    if (isLost || !(await isInSyncTwice(cluster))) return answer;
    isLost = true;
    cluster.world.host('node1').powerOff();
    await meanwhile(cluster);
    return answer;
  };
  cluster.world.onStep = ({ host, command, subject, when }) => {
    if (death.signal.aborted) throw new Killed();
    if (when === 'after') count(`${command} ${subject} on ${host}`);
  };
  try {
    await cluster.run({ intercept, forMs, settles: false, killed: death.signal });
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  } finally {
    cluster.world.onStep = undefined;
  }
  return writes;
}

test('a move whose source is away says who is waited for and until when, and so does its volume', async () => {
  const cluster = await withMove();
  await loseSource(cluster, { forMs: 3 * minute });
  const status = await moveOf(cluster);
  expect(status?.message).toMatch(/node1 has not answered since \S+\. If it stays away until \S+, the volume goes on/);
  const [until = ''] = /(?<=until )\S+(?=,)/.exec(status?.message ?? '') ?? [];
  expect(Date.parse(until)).toBe(Date.parse(status?.deadline ?? ''));
  expect((await cluster.objects(LocalVolume)).get('vol')?.status).toMatchObject({
    state: 'NotReady',
    reason: 'NodeOffline',
  });
});

test('a volume whose one node is away is not Ready, and is again when the node is back', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  cluster.world.host('node1').powerOff();
  await cluster.run({ forMs: minute });
  const away = (await cluster.objects(LocalVolume)).get('vol')?.status;
  expect(away).toMatchObject({ state: 'NotReady', reason: 'NodeOffline' });
  expect(away?.message).toContain('node1');
  cluster.world.host('node1').boot();
  await cluster.run({ forMs: minute });
  expect(await wherever(cluster)).toEqual(wholeOn('node1'));
});

/** The source is off, its copy outranked and ordered away; nobody takes it away but its own agent. */
async function expectLeftBehind(cluster: ModelCluster): Promise<void> {
  expect((await moveOf(cluster))?.state).toBe('Completed');
  expect((await cluster.objects(LocalVolume)).get('vol')?.status).toMatchObject({ state: 'Ready' });
  const record = (await cluster.objects(LocalVolumeWriter)).get('vol');
  expect(record?.spec).toMatchObject({ epoch: 2, inSync: [{ node: 'node2' }] });
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious', node2: 'precious' });
  const sides = [...(await cluster.objects(LocalVolumeReplica)).values()];
  const orders = Object.fromEntries(sides.map(({ spec }) => [spec.nodeName, [spec.delete, spec.pair?.phase]]));
  expect(orders).toEqual({ node1: [true, 'Leave'], node2: [false, undefined] });
}

test('a source that is lost after everything is on both sides is left behind, and cleans up when it is back', async () => {
  const cluster = await withMove();
  await loseSource(cluster, { forMs: 20 * minute });
  await expectLeftBehind(cluster);
  cluster.world.host('node1').boot();
  await cluster.run({ forMs: minute });
  expect(await wherever(cluster)).toEqual(wholeOn('node2'));
});

test('a lost source may come back at any moment: one whole copy is left', { timeout: timeoutMs }, async () => {
  const writes = await loseSource(await withMove(), { forMs: 20 * minute });
  for (const [untilWrite, name] of [...writes.entries()].filter(([index]) => index % everyNth === 0)) {
    const cluster = await withMove();
    await loseSource(cluster, { forMs: 20 * minute, untilWrite });
    cluster.world.host('node1').boot();
    await cluster.run({ forMs: 2 * minute });
    expect(await wherever(cluster), `back at write ${untilWrite}: ${name}`).toEqual(wholeOn('node2'));
  }
});

test('a move that is ordered back while its source is lost goes on instead: there is no other way to the data', async () => {
  const cluster = await withMove();
  await loseSource(cluster, { forMs: minute });
  await abort(cluster);
  await cluster.run({ forMs: 20 * minute, settles: false });
  await expectLeftBehind(cluster);
});

test('a move that is ordered back at the moment its source is lost keeps both copies until the source is back', async () => {
  const cluster = await withMove();
  await loseSource(cluster, { forMs: 20 * minute, meanwhile: abort });
  expect(await moveOf(cluster)).toMatchObject({ state: 'ToBeAborted', reason: 'AbortUnsafe' });
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious', node2: 'precious' });
  cluster.world.host('node1').boot();
  await cluster.run({ forMs: minute });
  expect(await wherever(cluster)).toEqual(wholeOn('node1'));
});

test('a source that is lost is waited for while a node has the volume open', async () => {
  const cluster = await withMove();
  const open = async (): Promise<void> => {
    const record = await cluster.kubectl.get(LocalVolumeWriter, 'vol');
    const [member] = record?.spec.inSync ?? [];
    if (record === undefined) throw new Error('no record');
    await cluster.kubectl.update(LocalVolumeWriter, { ...record, spec: { ...record.spec, ...member } });
  };
  await loseSource(cluster, { forMs: 30 * minute, meanwhile: open });
  expect((await cluster.objects(LocalVolumeWriter)).get('vol')?.spec).toMatchObject({ node: 'node1', epoch: 1 });
  expect((await moveOf(cluster))?.state).not.toBe('Completed');
  expect(copies(cluster, 'vol')).toEqual({ node1: 'precious', node2: 'precious' });
});
