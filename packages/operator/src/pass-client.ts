import type { Client } from './client.ts';
import type { KubernetesObject, Resource } from './resource.ts';

/**
 * The client of one pass: calls end with the pass, and what the server answers to writes is told to `saw`.
 * A pass that was aborted writes nothing more.
 */
export function passClient(
  client: Client,
  signal: AbortSignal,
  saw: (resource: Resource, object: KubernetesObject) => void,
): Client {
  const telling = async <O extends KubernetesObject>(resource: Resource<O>, write: () => Promise<O>): Promise<O> => {
    signal.throwIfAborted();
    const object = await write();
    saw(resource, object);
    return object;
  };
  return {
    get: (resource, name, options) => client.get(resource, name, { signal, ...options }),
    list: (resource, options) => client.list(resource, { signal, ...options }),
    watch: (resource, options) => client.watch(resource, { signal, ...options }),
    create: (resource, object, options) =>
      telling(resource, () => client.create(resource, object, { signal, ...options })),
    update: (resource, object, options) =>
      telling(resource, () => client.update(resource, object, { signal, ...options })),
    updateStatus: (resource, object, options) =>
      telling(resource, () => client.updateStatus(resource, object, { signal, ...options })),
    apply: (resource, object, options) =>
      telling(resource, () => client.apply(resource, object, { signal, ...options })),
    applyStatus: (resource, object, options) =>
      telling(resource, () => client.applyStatus(resource, object, { signal, ...options })),
    patch: (resource, name, mergePatch, options) =>
      telling(resource, () => client.patch(resource, name, mergePatch, { signal, ...options })),
    jsonPatch: (resource, name, operations, options) =>
      telling(resource, () => client.jsonPatch(resource, name, operations, { signal, ...options })),
    async delete(resource, name, options) {
      signal.throwIfAborted();
      return client.delete(resource, name, { signal, ...options });
    },
    async evict(pod, options) {
      signal.throwIfAborted();
      return client.evict(pod, { signal, ...options });
    },
  };
}
