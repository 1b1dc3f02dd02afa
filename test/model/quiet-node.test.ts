import { expect, test } from 'vitest';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { gib } from '../../src/api/units.ts';
import { disk } from '../sim/host/index.ts';
import { claimDisks } from './builders.ts';
import { ModelCluster } from './cluster.ts';

const minuteMs = 60_000;

test('a node on which nothing changes is looked at each minute and told of once, also while a claim of it is tried again and again', async () => {
  const cluster = await ModelCluster.of({ node1: [disk('sdb', gib(10)), disk('sdc', gib(10))] });
  const host = cluster.world.host('node1');
  await claimDisks(cluster.kubectl, 'node1');
  await cluster.run();
  // The pool takes no disk while one of its own is away.
  host.unplug('sdb');
  await cluster.run({ forMs: minuteMs });
  host.addDisk(disk('sdd', gib(10)));
  await cluster.kubectl.create(LocalDiskClaim, { metadata: { name: 'waiting' }, spec: { nodeName: 'node1' } });
  await cluster.run({ forMs: 2 * minuteMs, settles: false });

  const told = { looks: 0, statuses: 0, tries: 0 };
  await cluster.run({
    forMs: 20 * minuteMs,
    settles: false,
    intercept: ({ verb, resource }, act) => {
      if (verb === 'apply' && resource.startsWith('localstoragenodes')) told.looks += 1;
      if (verb === 'applyStatus' && resource.startsWith('localstoragenodes')) told.statuses += 1;
      if (verb === 'updateStatus' && resource.startsWith('localdiskclaims')) told.tries += 1;
      return act();
    },
  });
  expect(told.tries).toBeGreaterThan(20);
  expect(told.looks).toBeLessThan(25);
  // By the agent and by the controller, which are new in this run.
  expect(told.statuses).toBeLessThanOrEqual(2);
});
