import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { builtin } from '../builtin.ts';
import { kubernetesClient } from '../transport/kubernetes-client.ts';
import { metricsRegistry } from './registry.ts';
import { requestMetrics } from './request-metrics.ts';

test('each HTTP request is counted by its answer: retries, refusals, and those that nobody answers', async () => {
  const answers = [429, 200, 404];
  const server = createServer((_, response) => {
    const status = answers.shift()!;
    response.writeHead(status, { 'retry-after': '0' });
    response.end(JSON.stringify(status === 200 ? { metadata: { name: 'a' } } : { kind: 'Status', reason: 'NotFound' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const metrics = metricsRegistry();
  const client = kubernetesClient({ server: `http://127.0.0.1:${port}` }, { observe: requestMetrics(metrics) });
  await client.get(builtin.Node, 'a');
  await client.get(builtin.Node, 'b');
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await expect(client.create(builtin.Node, { metadata: { name: 'c' } })).rejects.toMatchObject({ code: 0 });

  const host = `host="127.0.0.1:${port}"`;
  expect(metrics.text().match(/^rest_client_requests_total.*$/gm)).toEqual([
    `rest_client_requests_total{code="429",method="GET",${host}} 1`,
    `rest_client_requests_total{code="200",method="GET",${host}} 1`,
    `rest_client_requests_total{code="404",method="GET",${host}} 1`,
    `rest_client_requests_total{code="<error>",method="POST",${host}} 1`,
  ]);
  expect(metrics.text().match(/^rest_client_request_duration_seconds_count.*$/gm)).toEqual([
    `rest_client_request_duration_seconds_count{verb="GET",${host}} 3`,
    `rest_client_request_duration_seconds_count{verb="POST",${host}} 1`,
  ]);
});
