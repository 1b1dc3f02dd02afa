import type { Client, KubernetesObject, Resource } from '@dot-kube/operator';

const giveUpMs = 1_800_000;

/** Watches from now on, acts, and returns once `isDone` says so of what was seen. @throws what `act` throws */
export async function watchUntil<O extends KubernetesObject>(
  client: Client,
  resource: Resource<O>,
  act: () => Promise<void>,
  isDone: (object: O) => boolean,
): Promise<void> {
  const failure = new AbortController();
  const signal = AbortSignal.any([AbortSignal.timeout(giveUpMs), failure.signal]);
  let { resourceVersion } = await client.list(resource, { signal });
  act().catch((error: unknown) => failure.abort(error));
  for (;;) {
    for await (const event of client.watch(resource, { resourceVersion, signal })) {
      resourceVersion =
        event.type === 'BOOKMARK' ? event.resourceVersion : (event.object.metadata.resourceVersion ?? '');
      if (event.type !== 'BOOKMARK' && isDone(event.object)) return;
    }
    signal.throwIfAborted();
  }
}
