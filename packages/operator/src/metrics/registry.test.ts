import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { metricsRegistry } from './registry.ts';

test('metrics are told in the text format of Prometheus', () => {
  const registry = metricsRegistry();
  const passes = { name: 'passes_total', help: 'Passes\nof a \\ controller' };
  registry.counter(passes, { controller: 'box', result: 'success' }).add();
  registry.counter(passes, { controller: 'box', result: 'success' }).add(2);
  registry.counter(passes, { controller: 'a "b"\\\n', result: 'error' });
  const seconds = registry.histogram({ name: 'pass_seconds', help: 'Time', buckets: [1e-8, 0.5, 1] }, {});
  for (const value of [0.5, 0.75, 2]) seconds.observe(value);
  let depth = 1;
  registry.gauge({ name: 'depth', help: 'Depth' }, { name: 'q' }, () => depth);
  depth = 7;
  expect(registry.text()).toMatchInlineSnapshot(`
    "# HELP passes_total Passes\\nof a \\\\ controller
    # TYPE passes_total counter
    passes_total{controller="box",result="success"} 3
    passes_total{controller="a \\"b\\"\\\\\\n",result="error"} 0
    # HELP pass_seconds Time
    # TYPE pass_seconds histogram
    pass_seconds_bucket{le="1e-8"} 0
    pass_seconds_bucket{le="0.5"} 1
    pass_seconds_bucket{le="1"} 2
    pass_seconds_bucket{le="+Inf"} 3
    pass_seconds_sum 3.25
    pass_seconds_count 3
    # HELP depth Depth
    # TYPE depth gauge
    depth{name="q"} 7
    "
  `);
});

test('a name that is asked for as another type is refused', () => {
  const registry = metricsRegistry();
  registry.counter({ name: 'x', help: '' }, {});
  expect(() => registry.gauge({ name: 'x', help: '' }, {}, () => 1)).toThrow('metric x is a counter');
});

test('a counter never goes down', () => {
  expect(() => metricsRegistry().counter({ name: 'x', help: '' }, {}).add(-1)).toThrow(RangeError);
});

property.prop([fc.array(fc.double({ min: 0, max: 20, noNaN: true }))])(
  'each bucket of a histogram counts what is not above its bound',
  (values) => {
    const registry = metricsRegistry();
    const buckets = [0, 1, 10];
    const histogram = registry.histogram({ name: 'h', help: '', buckets }, {});
    for (const value of values) histogram.observe(value);
    const counts = [...registry.text().matchAll(/^h_bucket\{le="(.*)"\} (.*)$/gm)].map(([, , count]) => Number(count));
    expect(counts).toEqual([...buckets, Infinity].map((bound) => values.filter((value) => value <= bound).length));
  },
);
