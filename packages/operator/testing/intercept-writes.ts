import { builtin } from '../src/builtin.ts';
import type { Client } from '../src/client.ts';
import { resourceId, type Resource } from '../src/resource.ts';

/** A write as tests tell of it. */
export interface ClientWrite {
  verb: 'create' | 'update' | 'updateStatus' | 'apply' | 'applyStatus' | 'patch' | 'jsonPatch' | 'delete' | 'evict';
  /** `plural.group`. */
  resource: string;
  name: string;
}

/** Stands between a client and its server at each write: may fail before it, after it, or instead of it. */
export type Interceptor = <T>(write: ClientWrite, act: () => Promise<T>) => Promise<T>;

/** A client whose writes go through an interceptor; reads and watches don't. */
export function interceptWrites(client: Client, intercept: Interceptor): Client {
  const write = <T>(verb: ClientWrite['verb'], resource: Resource, name: string, act: () => Promise<T>): Promise<T> =>
    intercept({ verb, resource: resourceId(resource), name }, act);
  return {
    get: (resource, name, options) => client.get(resource, name, options),
    list: (resource, options) => client.list(resource, options),
    watch: (resource, options) => client.watch(resource, options),
    create: (resource, object, options) =>
      write('create', resource, object.metadata.name, () => client.create(resource, object, options)),
    update: (resource, object, options) =>
      write('update', resource, object.metadata.name, () => client.update(resource, object, options)),
    updateStatus: (resource, object, options) =>
      write('updateStatus', resource, object.metadata.name, () => client.updateStatus(resource, object, options)),
    apply: (resource, object, options) =>
      write('apply', resource, object.metadata.name, () => client.apply(resource, object, options)),
    applyStatus: (resource, object, options) =>
      write('applyStatus', resource, object.metadata.name, () => client.applyStatus(resource, object, options)),
    patch: (resource, name, mergePatch, options) =>
      write('patch', resource, name, () => client.patch(resource, name, mergePatch, options)),
    jsonPatch: (resource, name, operations, options) =>
      write('jsonPatch', resource, name, () => client.jsonPatch(resource, name, operations, options)),
    delete: (resource, name, options) => write('delete', resource, name, () => client.delete(resource, name, options)),
    evict: (pod, options) => write('evict', builtin.Pod, pod, () => client.evict(pod, options)),
  };
}
