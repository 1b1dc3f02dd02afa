import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { metricsRegistry } from '../metrics/registry.ts';
import { healthServer, type HealthOptions } from './health-server.ts';

async function started(options: Partial<HealthOptions> = {}) {
  const health = healthServer({ port: 0, host: '127.0.0.1', ...options });
  await health.start();
  onTestFinished(() => health.stop());
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(health.url() + path, { method });
    return [response.status, await response.text()];
  };
  return { health, get };
}

test('each check is told, and one that fails, throws or rejects fails the whole', async () => {
  const { health, get } = await started();
  expect(await get('/healthz')).toEqual([200, 'ok\n']);
  health.ready.set('disk', () => undefined);
  expect(await get('/readyz?verbose')).toEqual([200, '[+]disk ok\n']);
  health.ready.set('socket', async () => 'no one listens');
  health.ready.set('driver', () => {
    throw new Error('not loaded');
  });
  expect(await get('/readyz')).toEqual([
    500,
    '[+]disk ok\n[-]socket failed: no one listens\n[-]driver failed: not loaded\n',
  ]);
  expect(await get('/healthz')).toEqual([200, 'ok\n']);
});

test('a check that does not answer has failed', async () => {
  const { health, get } = await started({ checkWithinMs: 20 });
  health.live.set('hangs', () => new Promise(() => {}));
  expect(await get('/healthz')).toEqual([500, '[-]hangs failed: took longer than 20 ms\n']);
});

test('metrics are shown in the type that Prometheus asks for', async () => {
  const metrics = metricsRegistry();
  metrics.counter({ name: 'x_total', help: 'X' }, {}).add();
  const { health } = await started({ metrics });
  const response = await fetch(`${health.url()}/metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await response.text()).toBe(metrics.text());
});

test('a metric that cannot be read is told, and ends nothing', async () => {
  const metrics = metricsRegistry();
  metrics.gauge({ name: 'x', help: 'X' }, {}, () => {
    throw new Error('no such file');
  });
  const { get } = await started({ metrics });
  expect(await get('/metrics')).toEqual([500, 'no such file']);
  expect(await get('/healthz')).toEqual([200, 'ok\n']);
});

test('other paths and methods are refused', async () => {
  const { get } = await started();
  expect(await get('/metrics')).toEqual([404, 'try /healthz, /readyz\n']);
  expect(await get('/healthz', 'POST')).toEqual([405, 'only GET\n']);
  expect(await get('/healthz', 'HEAD')).toEqual([200, '']);
});

test('a port that is taken is named', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const health = healthServer({ port, host: '127.0.0.1' });
  await expect(health.start()).rejects.toThrow(`cannot listen on 127.0.0.1, port ${port}: `);
});
