import { builtin } from './builtin.ts';
import type { Client } from './client.ts';
import type { Resource } from './resource.ts';

export interface Call {
  readonly verb: Exclude<keyof Client, 'watch'>;
  readonly writes: boolean;
  readonly resource: Resource;
  /** A list has none. */
  readonly name: string | undefined;
  readonly namespace: string | undefined;
}

/** Stands around each call of a client; watches go on for ever and are left alone. */
export type AroundCall = <T>(call: Call, act: () => Promise<T>) => Promise<T>;

const reads: ReadonlySet<Call['verb']> = new Set(['get', 'list']);

export function aroundCalls(client: Client, around: AroundCall): Client {
  const call = <T>(
    verb: Call['verb'],
    resource: Resource,
    { name, namespace }: { name?: string; namespace?: string },
    act: () => Promise<T>,
  ): Promise<T> => around({ verb, writes: !reads.has(verb), resource, name, namespace }, act);
  return {
    get: (resource, name, options) =>
      call('get', resource, { ...options, name }, () => client.get(resource, name, options)),
    list: (resource, options) => call('list', resource, { ...options }, () => client.list(resource, options)),
    watch: (resource, options) => client.watch(resource, options),
    create: (resource, object, options) =>
      call('create', resource, object.metadata, () => client.create(resource, object, options)),
    update: (resource, object, options) =>
      call('update', resource, object.metadata, () => client.update(resource, object, options)),
    updateStatus: (resource, object, options) =>
      call('updateStatus', resource, object.metadata, () => client.updateStatus(resource, object, options)),
    apply: (resource, object, options) =>
      call('apply', resource, object.metadata, () => client.apply(resource, object, options)),
    applyStatus: (resource, object, options) =>
      call('applyStatus', resource, object.metadata, () => client.applyStatus(resource, object, options)),
    patch: (resource, name, mergePatch, options) =>
      call('patch', resource, { ...options, name }, () => client.patch(resource, name, mergePatch, options)),
    jsonPatch: (resource, name, operations, options) =>
      call('jsonPatch', resource, { ...options, name }, () => client.jsonPatch(resource, name, operations, options)),
    evict: (name, options) => call('evict', builtin.Pod, { ...options, name }, () => client.evict(name, options)),
    delete: (resource, name, options) =>
      call('delete', resource, { ...options, name }, () => client.delete(resource, name, options)),
  };
}
