import { readFileSync } from 'node:fs';
import { builtin, crdOf, kubernetesClient, type KubernetesClient } from '@dot-kube/operator';
import { afterAll, beforeAll, inject, vi } from 'vitest';
import { apiServerContract } from '../contract/api-server.contract.ts';
import { Box } from '../contract/box.ts';

const { server, caPath, adminToken } = inject('apiServer');
let client: KubernetesClient;

beforeAll(async () => {
  client = kubernetesClient({ server, ca: readFileSync(caPath, 'utf8'), token: adminToken }, { userAgent: 'contract' });
  await client.create(builtin.CustomResourceDefinition, crdOf(Box));
  await vi.waitFor(() => client.list(Box), { timeout: 30_000 });
});

afterAll(async () => {
  await client.delete(builtin.CustomResourceDefinition, 'boxes.contract.example.io');
  client.close();
});

apiServerContract(() => client);
