import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, vi } from 'vitest';
import { kinds } from '../../../src/api/kinds.ts';
import { LocalVolume } from '../../../src/api/local-volume.schema.ts';
import { LocalVolumeWriter } from '../../../src/api/local-volume-writer.schema.ts';
import { admin } from './client.ts';
import { localVolume, writerRecord } from './objects.ts';

const run = promisify(execFile);
const ready = { timeout: 30_000, interval: 100 };

/** Runs kubectl as cluster admin. @throws with what it printed when it fails */
export async function kubectl(...args: string[]): Promise<string> {
  const api = inject('apiServer');
  const own = ['--kubeconfig', api.kubeconfigPath, '--cache-dir', join(dirname(api.kubeconfigPath), 'kubectl-cache')];
  return (await run(api.kubectl, [...own, ...args])).stdout;
}

/**
 * Puts `config/` into the API server as a person would, and waits until kinds are served and policies hold: the server
 * takes a moment from storing either to acting on it. Doing it again changes nothing.
 */
export async function install(): Promise<void> {
  const folders = ['namespace.yaml', 'crd', 'admission', 'rbac'].flatMap((path) => ['-f', `config/${path}`]);
  await kubectl('apply', '--server-side', ...folders);
  await kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s');
  await vi.waitFor(() => everyKindIsServed(), ready);
  await vi.waitFor(async () => {
    const answer = await admin().create(LocalVolumeWriter, writerRecord('canary'));
    expect(answer.status).toBe(403);
  }, ready);
  await admin().create(LocalVolume, localVolume('canary'));
  await vi.waitFor(async () => {
    expect((await admin().delete(LocalVolume, 'canary')).status).toBe(403);
  }, ready);
}

/** An established kind is served a moment later, and told to clients (its short names too) another moment after that. */
async function everyKindIsServed(): Promise<void> {
  for (const kind of kinds) expect((await admin().list(kind)).status).toBe(200);
  const told = await kubectl('api-resources', '--api-group', 'hwameistor.io', '--output', 'name');
  expect(told.trim().split('\n').sort()).toEqual(kinds.map(({ plural, group }) => `${plural}.${group}`).sort());
}
