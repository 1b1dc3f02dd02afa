import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CustomObjectsApi,
  KubeConfig,
  makeInformer,
  type KubernetesListObject,
  type KubernetesObject,
} from '@kubernetes/client-node';
import type { Contender } from './contender.ts';
import { Sample, statusOf } from './sample.ts';

const retryMs = 1000;

/** As little as a controller on an informer can do: one pass a key at a time, duplicates merged, failures repeated. */
export const contender: Contender = async ({ api, by, concurrency, sees, wrote }, signal) => {
  const { group, version, plural } = Sample;
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'bench', server: api.server, caFile: api.caPath, skipTLSVerify: false }],
    users: [{ name: 'bench', token: api.token }],
    contexts: [{ name: 'bench', cluster: 'bench', user: 'bench' }],
    currentContext: 'bench',
  });
  const objects = config.makeApiClient(CustomObjectsApi);
  const informer = makeInformer<KubernetesObject>(
    config,
    `/apis/${group}/${version}/${plural}`,
    () =>
      objects.listClusterCustomObject({ group, version, plural }) as Promise<KubernetesListObject<KubernetesObject>>,
  );

  const reconcile = async (name: string): Promise<void> => {
    const object = informer.get(name) as unknown as Sample | undefined;
    if (object === undefined) return;
    sees(object);
    if (object.status?.by === by) return;
    const body = { ...object, status: statusOf(object, by) };
    await objects.replaceClusterCustomObjectStatus({ group, version, plural, name, body });
    wrote();
  };

  const waiting = new Set<string>();
  const running = new Set<string>();
  let isFilled = false;
  const begin = (): void => {
    if (!isFilled) return;
    for (const name of waiting) {
      if (running.size === concurrency) return;
      if (running.has(name)) continue;
      waiting.delete(name);
      running.add(name);
      void pass(name);
    }
  };
  const pass = async (name: string): Promise<void> => {
    try {
      await reconcile(name);
    } catch {
      setTimeout(() => add(name), retryMs);
    }
    running.delete(name);
    begin();
  };
  const add = (name: string): void => {
    waiting.add(name);
    begin();
  };
  informer.on('change', ({ metadata }) => add(metadata!.name!));
  informer.on('delete', ({ metadata }) => add(metadata!.name!));
  informer.on('error', () => void delay(retryMs).then(() => informer.start()));
  await informer.start();
  isFilled = true;
  begin();
  await once(signal, 'abort');
  await informer.stop();
};
