import { readFileSync } from 'node:fs';
import { builtin, crdOf, kubernetesClient, type KubernetesClient } from '@dot-kube/operator';
import { afterAll, beforeAll, describe, inject, vi } from 'vitest';
import { apiServerContract } from '../contract/api-server.contract.ts';
import { Box } from '../contract/box.ts';
import { garbageCollectorContract } from '../contract/garbage-collector.contract.ts';
import { garbageCollector } from './harness/garbage-collector.ts';

const { server, caPath, adminToken, controllerManager } = inject('apiServer');
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

if (controllerManager === undefined) {
  describe.skip('the garbage collector: KUBEBUILDER_ASSETS has no kube-controller-manager', () => {
    garbageCollectorContract(() => client, 0);
  });
} else {
  describe('with its controller manager', () => {
    const collector = garbageCollector(controllerManager);
    beforeAll(() => collector.start());
    afterAll(() => collector.stop());
    garbageCollectorContract(() => client, 45_000);
  });
}
