import { expect, test } from 'vitest';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { replicaName } from '../../src/api/names.ts';
import { legPerformers } from '../../src/controllers/agent/replica/leg-effects.ts';
import { observeReplica } from '../../src/controllers/agent/replica/observe-replica.ts';
import { copies, moveOf, orderMove, withVolume } from './builders.ts';

const { signal } = new AbortController();

test('an agent that wakes up late neither makes metadata anew nor promotes by force: its order is long past', async () => {
  const cluster = await withVolume('vol', 'node1', 'node2');
  const { kubectl: client } = cluster;
  const host = cluster.world.host('node1');
  cluster.world.cut('node1', 'node2');
  await orderMove(client, 'vol', 'node1');
  await cluster.run({ forMs: 120_000, settles: false });
  expect((await moveOf(cluster))?.state).toBe('Paired');

  const now = await client.get(LocalVolumeReplica, replicaName('vol', 'node1'));
  if (now?.spec.pair === undefined) throw new Error('the source is in no pair');
  const past = { ...now, spec: { ...now.spec, pair: { ...now.spec.pair, phase: 'Seed' as const } } };
  const agent = { node: 'node1', tools: host.tools, cluster: { clusterId: 'model', drbdKey: 'key' } };
  const facts = await observeReplica(agent, client, past, signal);
  const late = legPerformers({ agent, client, replica: past, facts, signal });
  await expect(late.makeMetadata()).rejects.toThrow('changed since the look');
  await expect(late.promoteByForce()).rejects.toThrow('changed since the look');
  const resource = (await host.tools.drbd.resources(signal)).find(({ name }) => name === 'vol');
  expect(resource?.role).toBe('Secondary');
  expect(copies(cluster, 'vol')).toMatchObject({ node1: 'precious' });
});
