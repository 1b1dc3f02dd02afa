// Starts one etcd and one kube-apiserver for the whole api level, on loopback, and takes them down again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureApiBinaries } from '../../../scripts/setup/go-commands.ts';
import { freePorts, startControlPlane } from '../../lab/control-plane/index.ts';

export interface ApiServerUnderTest {
  readonly server: string;
  readonly caPath: string;
  readonly adminToken: string;
  readonly kubeconfigPath: string;
  readonly kubectl: string;
  /** Undefined where the programs were brought along and it was not. */
  readonly controllerManager: string | undefined;
}

declare module 'vitest' {
  interface ProvidedContext {
    apiServer: ApiServerUnderTest;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const {
    kubectl,
    'kube-controller-manager': controllerManager,
    ...binaries
  } = await ensureApiBinaries((line) => console.log(`api level: ${line}`));
  const dir = mkdtempSync(join(tmpdir(), 'hwameistor-api-'));
  const ports = await freePorts(['api', 'etcd', 'etcdPeer']);
  const removeDir = (): void => rmSync(dir, { recursive: true });
  const controlPlane = await startControlPlane({ binaries, dir, address: '127.0.0.1', ports }).catch(
    (error: unknown) => {
      removeDir();
      throw error;
    },
  );
  const { server, caPath, adminToken, kubeconfigPath } = controlPlane;
  project.provide('apiServer', { server, caPath, adminToken, kubeconfigPath, kubectl, controllerManager });
  return async () => {
    await controlPlane.stop();
    removeDir();
  };
}
