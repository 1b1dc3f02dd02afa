import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  builtin,
  customResource,
  type KubernetesClient,
  kubernetesClient,
  type KubernetesObject,
} from '@dot-kube/operator';
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import * as z from 'zod';

const { server, caPath, adminToken: token, kubeconfigPath } = inject('apiServer');
const example = fileURLToPath(new URL('../../packages/operator/example/crew.ts', import.meta.url));
const namespace = 'default';
const soon = { timeout: 30_000, interval: 50 };

const Crew = customResource({
  group: 'example.io',
  version: 'v1',
  kind: 'Crew',
  plural: 'crews',
  scope: 'Namespaced',
  spec: z.object({ size: z.int() }),
  status: z.object({ members: z.int() }),
});

let client: KubernetesClient;

beforeAll(() => {
  client = kubernetesClient({ server, ca: readFileSync(caPath, 'utf8'), token });
});

afterAll(async () => {
  await client.delete(builtin.CustomResourceDefinition, 'crews.example.io');
  client.close();
});

/** The example as a newcomer starts it. */
function start() {
  const child = spawn(process.execPath, [example], {
    env: { ...process.env, KUBECONFIG: kubeconfigPath },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { exited: once(child, 'exit').then(([code]) => code as number | null), child };
}

const members = async (): Promise<string[]> => {
  const { items } = await client.list(builtin.ConfigMap, { namespace });
  return items.flatMap(({ metadata, data }) => (data?.['crew'] === 'red' ? [metadata.name] : [])).sort();
};

const eventually = (names: string[]) => vi.waitFor(async () => expect(await members()).toEqual(names), soon);

test('the example of the README keeps what it promises, and stops when told to', async () => {
  const { exited, child } = start();
  await vi.waitFor(() => client.list(Crew, { namespace }), soon);
  await client.create(Crew, { metadata: { name: 'red', namespace }, spec: { size: 3 } });
  await eventually(['red-0', 'red-1', 'red-2']);
  await vi.waitFor(
    async () => expect(await client.get(Crew, 'red', { namespace })).toMatchObject({ status: { members: 3 } }),
    soon,
  );

  await client.delete(builtin.ConfigMap, 'red-1', { namespace });
  await eventually(['red-0', 'red-1', 'red-2']);
  await client.patch(Crew, 'red', { spec: { size: 1 } }, { namespace });
  await eventually(['red-0']);

  await client.delete(Crew, 'red', { namespace });
  await vi.waitFor(async () => expect(await client.get(Crew, 'red', { namespace })).toBeUndefined(), soon);
  const { items } = await client.list(builtin.Event, { namespace });
  expect(items.map(({ reason }: KubernetesObject & { reason?: string }) => reason)).toContain('Disbanded');
  child.kill('SIGINT');
  expect(await exited).toBe(0);
});
