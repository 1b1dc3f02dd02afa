import { expect, test } from 'vitest';
import { inMemoryApiServer, settle, virtualClock } from '../testing/index.ts';
import {
  after,
  again,
  ApiError,
  builtin,
  controller,
  done,
  manager,
  metricsRegistry,
  type Client,
  type Controller,
  type ManagerOptions,
} from './index.ts';

const where = { namespace: 'default' };

async function settled(
  reconcile: Controller['reconcile'],
  options: Partial<ManagerOptions> & { as?: (client: Client) => Client } = {},
) {
  const clock = virtualClock();
  const client = inMemoryApiServer({ clock, resources: [] }).client();
  for (const name of ['a', 'b']) await client.create(builtin.ConfigMap, { metadata: { name, ...where } });
  const { as = (same: Client) => same, ...more } = options;
  const maps = controller({ name: 'map', resource: builtin.ConfigMap, reconcile, concurrency: 1 });
  const one = manager({ client: as(client), clock, controllers: [maps], ...more });
  await settle({ clock, managers: [one] });
}

test('what controllers and queues did is told under the names that dashboards know', async () => {
  const metrics = metricsRegistry();
  const results = [
    () => again,
    () => after(5000),
    () => {
      throw new ApiError(409, 'Conflict', 'someone wrote');
    },
    () => {
      throw new Error('lvcreate failed');
    },
    () => (undefined as unknown as { x: { y: never } }).x.y,
  ];
  let during = '';
  await settled(
    async () => {
      during ||= metrics.text();
      return results.shift()?.() ?? done;
    },
    { metrics },
  );
  const shown = (text: string) => text.split('\n').filter((line) => /^[a-z_]+\{/.test(line) && !/_bucket/.test(line));
  const running = shown(during).filter((line) => /active|depth|adds|objects/.test(line));
  expect(running).toMatchInlineSnapshot(`
    [
      "controller_runtime_active_workers{controller="map"} 1",
      "workqueue_adds_total{name="map",controller="map"} 2",
      "workqueue_depth{name="map",controller="map"} 1",
      "operator_cache_objects{resource="configmaps",selector=""} 2",
    ]
  `);
  expect(shown(metrics.text())).toMatchInlineSnapshot(`
    [
      "controller_runtime_reconcile_total{controller="map",result="success"} 2",
      "controller_runtime_reconcile_total{controller="map",result="error"} 2",
      "controller_runtime_reconcile_total{controller="map",result="requeue"} 2",
      "controller_runtime_reconcile_total{controller="map",result="requeue_after"} 1",
      "controller_runtime_reconcile_errors_total{controller="map"} 2",
      "controller_runtime_reconcile_panics_total{controller="map"} 1",
      "controller_runtime_reconcile_time_seconds_sum{controller="map"} 0",
      "controller_runtime_reconcile_time_seconds_count{controller="map"} 7",
      "controller_runtime_active_workers{controller="map"} 0",
      "controller_runtime_max_concurrent_reconciles{controller="map"} 1",
      "workqueue_adds_total{name="map",controller="map"} 7",
      "workqueue_retries_total{name="map",controller="map"} 5",
      "workqueue_queue_duration_seconds_sum{name="map",controller="map"} 0",
      "workqueue_queue_duration_seconds_count{name="map",controller="map"} 7",
      "workqueue_work_duration_seconds_sum{name="map",controller="map"} 0",
      "workqueue_work_duration_seconds_count{name="map",controller="map"} 7",
      "workqueue_depth{name="map",controller="map"} 0",
      "workqueue_unfinished_work_seconds{name="map",controller="map"} 0",
      "workqueue_longest_running_processor_seconds{name="map",controller="map"} 0",
      "operator_cache_objects{resource="configmaps",selector=""} 2",
    ]
  `);
});

test('durations are those of the clock, and what still runs is told', async () => {
  const metrics = metricsRegistry();
  const clock = virtualClock();
  const client = inMemoryApiServer({ clock, resources: [] }).client();
  for (const name of ['a', 'b']) await client.create(builtin.ConfigMap, { metadata: { name, ...where } });
  const slow = controller({
    name: 'slow',
    resource: builtin.ConfigMap,
    concurrency: 1,
    reconcile: async ({ name }) => {
      await new Promise<void>((resolve) => void clock.timer(name === 'a' ? 3000 : 9000, resolve));
      return done;
    },
  });
  const stop = new AbortController();
  const run = manager({ client, clock, controllers: [slow], metrics, graceMs: 0 }).run(stop.signal);
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  await turn();
  clock.advance(3000);
  await turn();
  clock.advance(2000);
  const seconds = metrics.text().match(/^workqueue_\w+seconds(_sum)?\{.*$/gm);
  expect(seconds?.filter((line) => !line.includes('_bucket'))).toMatchInlineSnapshot(`
    [
      "workqueue_queue_duration_seconds_sum{name="slow",controller="slow"} 3",
      "workqueue_work_duration_seconds_sum{name="slow",controller="slow"} 3",
      "workqueue_unfinished_work_seconds{name="slow",controller="slow"} 2",
      "workqueue_longest_running_processor_seconds{name="slow",controller="slow"} 2",
    ]
  `);
  stop.abort();
  clock.advance(10_000);
  await run;
});

test('whether it leads is told of each lease', async () => {
  const metrics = metricsRegistry();
  let during: RegExpMatchArray | null = null;
  const leads = () => metrics.text().match(/^leader_election_master_status.*$/gm);
  await settled(
    async () => {
      during = leads();
      return done;
    },
    { metrics, leaderElection: { namespace: 'default', name: 'leader' } },
  );
  expect(during).toEqual(['leader_election_master_status{name="leader"} 1']);
  expect(leads()).toEqual(['leader_election_master_status{name="leader"} 0']);
});

test('passes, their calls and the starts of watches are traced, inside one another and with their errors', async () => {
  const lines: string[] = [];
  let depth = 0;
  let lists = 0;
  await settled(
    async ({ client, name }) => {
      if (name === 'b') return done;
      await client.get(builtin.ConfigMap, name, where);
      await client.patch(builtin.ConfigMap, 'c', {}, where).catch(() => {});
      return done;
    },
    {
      as: (client) => ({
        ...client,
        async list(resource, options) {
          lists += 1;
          if (lists === 1) throw new ApiError(503, 'ServiceUnavailable', 'not yet');
          return client.list(resource, options);
        },
      }),
      async trace({ kind, name, attributes }, run) {
        const line = lines.push(`${'  '.repeat(depth)}${kind}: ${name} ${JSON.stringify(attributes)}`) - 1;
        depth += 1;
        try {
          return await run();
        } catch (error) {
          lines[line] += ` failed: ${(error as Error).message}`;
          throw error;
        } finally {
          depth -= 1;
        }
      },
    },
  );
  expect(lines).toMatchInlineSnapshot(`
    [
      "watch: watch configmaps {"failures":0,"from":"list"} failed: not yet",
      "  call: list configmaps {} failed: not yet",
      "watch: watch configmaps {"failures":1,"from":"list"}",
      "  call: list configmaps {}",
      "pass: reconcile map {"key":"default/a","reconcileId":1}",
      "  call: get configmaps {"name":"a","namespace":"default"}",
      "  call: patch configmaps {"name":"c","namespace":"default"} failed: patch ConfigMap default/c failed (404 NotFound): configmaps "c" not found",
      "pass: reconcile map {"key":"default/b","reconcileId":2}",
    ]
  `);
});
