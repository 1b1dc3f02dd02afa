import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  builtin,
  crdOf,
  type CustomResource,
  kubernetesClient,
  type KubernetesClientOptions,
  type KubernetesClient,
} from '@dot-kube/operator';
import {
  type ControlPlane,
  type ControlPlaneBinaries,
  freePorts,
  startControlPlane,
} from '../lab/control-plane/index.ts';

interface Wanted {
  readonly binaries: Pick<ControlPlaneBinaries, 'etcd' | 'kube-apiserver'>;
  /** Served before the work begins. */
  readonly kinds: readonly CustomResource[];
  /** Of the client that the work is given. */
  readonly client: KubernetesClientOptions;
}

/** An etcd and a kube-apiserver, up for as long as the work takes, and gone afterwards; the client is their admin. */
export async function withControlPlane<T>(
  { binaries, kinds, client: clientOptions }: Wanted,
  work: (controlPlane: ControlPlane, client: KubernetesClient) => Promise<T>,
): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'control-plane-'));
  try {
    const ports = await freePorts(['api', 'etcd', 'etcdPeer']);
    const controlPlane = await startControlPlane({ binaries, dir, address: '127.0.0.1', ports });
    try {
      const { server, caPath, adminToken: token } = controlPlane;
      const client = kubernetesClient({ server, ca: readFileSync(caPath, 'utf8'), token }, clientOptions);
      try {
        for (const kind of kinds) await client.create(builtin.CustomResourceDefinition, crdOf(kind));
        for (const kind of kinds) await served(client, kind);
        return await work(controlPlane, client);
      } finally {
        client.close();
      }
    } finally {
      await controlPlane.stop();
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** A new kind is served a moment after it was made. */
async function served(client: KubernetesClient, kind: CustomResource): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await client.list(kind);
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await delay(100);
    }
  }
}
