import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { builtin, crdOf, kubernetesClient, type Client } from '@dot-kube/operator';
import { ensureControlPlane } from '../../../scripts/setup/control-plane.ts';
import { freePorts, startControlPlane } from '../../lab/control-plane/index.ts';
import type { Say } from '../report.ts';
import type { ApiAccess } from './contender.ts';
import { Sample } from './sample.ts';

/** An etcd and a kube-apiserver that serves samples, up for as long as the work takes, and gone afterwards. */
export async function withApiServer<T>(say: Say, work: (api: ApiAccess, client: Client) => Promise<T>): Promise<T> {
  const binaries = await ensureControlPlane(['etcd', 'kube-apiserver'], say);
  const dir = mkdtempSync(join(tmpdir(), 'bench-framework-'));
  try {
    const ports = await freePorts(['api', 'etcd', 'etcdPeer']);
    say('starting the API server');
    const controlPlane = await startControlPlane({ binaries, dir, address: '127.0.0.1', ports });
    try {
      const { server, caPath, adminToken: token } = controlPlane;
      const client = kubernetesClient({ server, ca: readFileSync(caPath, 'utf8'), token }, { userAgent: 'bench' });
      await client.create(builtin.CustomResourceDefinition, crdOf(Sample));
      await served(client);
      try {
        return await work({ server, caPath, token }, client);
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
async function served(client: Client): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await client.list(Sample);
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await delay(100);
    }
  }
}
