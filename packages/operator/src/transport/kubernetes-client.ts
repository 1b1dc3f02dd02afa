import { isExpired, isNotFound, refusal } from '../api-error.ts';
import { builtin } from '../builtin.ts';
import { callName, type Verb } from '../call-name.ts';
import type {
  ApplyOptions,
  Client,
  DeleteOptions,
  ListOptions,
  NamespacedOptions,
  ObjectList,
  WatchEvent,
  WatchOptions,
} from '../client.ts';
import { apiVersionOf, pathOf, type KubernetesObject, type ObjectKey, type Resource } from '../resource.ts';
import type { Connection } from './connection.ts';
import { Transport, type Request, type TransportOptions } from './transport.ts';

export interface KubernetesClientOptions extends TransportOptions {
  /** Who the fields belong to that are written without apply; the user agent unless given. */
  readonly fieldManager?: string;
}

/** A client of a real API server, with connections to be closed in the end. */
export interface KubernetesClient extends Client {
  close(): void;
}

/** Objects a page of a list. */
const pageSize = 500;

/** A watch is ended by the server after a time between these, chosen by chance so that they don't all end at once. */
const watchSeconds = { least: 300, most: 600 };

export function kubernetesClient(connection: Connection, options: KubernetesClientOptions = {}): KubernetesClient {
  const transport = new Transport(connection, options);
  const { fieldManager } = options;

  const write = <O extends KubernetesObject>(
    verb: Verb,
    request: Omit<Request, 'call' | 'path'>,
    resource: Resource<O>,
    object: { metadata: ObjectKey },
    subResource?: 'status',
  ): Promise<O> => {
    const { name, namespace } = object.metadata;
    const call = callName(verb, resource, object.metadata);
    const path = pathOf(resource, namespace, request.method === 'POST' ? undefined : name, subResource);
    const body = { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };
    return transport.call({ query: { fieldManager }, body, ...request, call, path }) as Promise<O>;
  };

  const apply = <O extends KubernetesObject>(
    verb: Verb,
    resource: Resource<O>,
    object: { metadata: ObjectKey },
    { fieldManager, force = false, signal }: ApplyOptions,
    subResource?: 'status',
  ): Promise<O> => {
    const contentType = 'application/apply-patch+yaml';
    const query = { fieldManager, force: `${force}` };
    return write(verb, { method: 'PATCH', contentType, query, signal }, resource, object, subResource);
  };

  const patch = <O extends KubernetesObject>(
    resource: Resource<O>,
    name: string,
    contentType: string,
    body: unknown,
    { namespace, signal }: NamespacedOptions,
  ): Promise<O> =>
    transport.call({
      call: callName('patch', resource, { name, namespace }),
      method: 'PATCH',
      path: pathOf(resource, namespace, name),
      query: { fieldManager },
      contentType,
      body,
      signal,
    }) as Promise<O>;

  return {
    get: (resource, name, { namespace, signal } = {}) => {
      const call = callName('get', resource, { name, namespace });
      const path = pathOf(resource, namespace, name);
      return unlessGone(transport.call({ call, method: 'GET', path, signal }), undefined) as Promise<never>;
    },
    async list(resource, options = {}) {
      try {
        return await list(transport, resource, options, pageSize);
      } catch (error) {
        // Reading the pages took longer than the server keeps old versions: take all at once.
        if (!isExpired(error)) throw error;
        return list(transport, resource, options, undefined);
      }
    },
    create: (resource, object, { signal } = {}) => write('create', { method: 'POST', signal }, resource, object),
    update: (resource, object, { signal } = {}) => write('update', { method: 'PUT', signal }, resource, object),
    updateStatus: (resource, object, { signal } = {}) =>
      write('update status of', { method: 'PUT', signal }, resource, object, 'status'),
    apply: (resource, object, options) => apply('apply', resource, object, options),
    applyStatus: (resource, object, options) => apply('apply status of', resource, object, options, 'status'),
    patch: (resource, name, mergePatch, options = {}) =>
      patch(resource, name, 'application/merge-patch+json', mergePatch, options),
    jsonPatch: (resource, name, operations, options = {}) =>
      patch(resource, name, 'application/json-patch+json', operations, options),
    delete: (resource, name, options = {}) => {
      const { namespace, signal } = options;
      const call = callName('delete', resource, { name, namespace });
      const path = pathOf(resource, namespace, name);
      const body = { ...deleteOptions(options), propagationPolicy: 'Background' };
      return unlessGone(transport.call({ call, method: 'DELETE', path, body, signal }).then(always), false);
    },
    evict: (pod, options) => {
      const { namespace, signal } = options;
      const call = callName('evict', builtin.Pod, { name: pod, namespace });
      const path = pathOf(builtin.Pod, namespace, pod, 'eviction');
      const metadata = { name: pod, namespace };
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata, deleteOptions: deleteOptions(options) };
      return unlessGone(transport.call({ call, method: 'POST', path, body, signal }).then(always), false);
    },
    watch: (resource, options) => watch(transport, resource, options),
    close: () => transport.close(),
  };
}

const always = () => true;

/** Kinds that the server does not serve are 404 too, but without a reason: that is not "no such object". */
async function unlessGone<T, N>(call: Promise<T>, gone: N): Promise<T | N> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error) && error.reason === 'NotFound') return gone;
    throw error;
  }
}

function deleteOptions({ uid, resourceVersion }: DeleteOptions) {
  const preconditions = {
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
  return { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
}

interface Page<O> {
  items: O[] | null;
  metadata: { resourceVersion: string; continue?: string };
}

async function list<O extends KubernetesObject>(
  transport: Transport,
  resource: Resource<O>,
  { namespace, labelSelector, fieldSelector, signal }: ListOptions,
  limit: number | undefined,
): Promise<ObjectList<O>> {
  const type = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  const call = callName('list', resource, { namespace });
  const items: O[] = [];
  let next: string | undefined;
  for (;;) {
    const page = (await transport.call({
      call,
      method: 'GET',
      path: pathOf(resource, namespace),
      query: { labelSelector, fieldSelector, limit: limit?.toString(), continue: next },
      signal,
    })) as Page<O>;
    for (const item of page.items ?? []) items.push({ ...item, ...type });
    next = page.metadata.continue;
    if (next === undefined || next === '') return { items, resourceVersion: page.metadata.resourceVersion };
  }
}

async function* watch<O extends KubernetesObject>(
  transport: Transport,
  resource: Resource<O>,
  { namespace, labelSelector, fieldSelector, resourceVersion, signal }: WatchOptions,
): AsyncGenerator<WatchEvent<O>> {
  const { least, most } = watchSeconds;
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    labelSelector,
    fieldSelector,
    timeoutSeconds: `${Math.round(least + Math.random() * (most - least))}`,
  };
  const call = callName('watch', resource, { namespace });
  for await (const line of transport.lines({ call, method: 'GET', path: pathOf(resource, namespace), query, signal })) {
    yield eventOf<O>(call, line);
  }
}

interface WireEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: KubernetesObject & { code?: number; reason?: string; message?: string };
}

function eventOf<O extends KubernetesObject>(call: string, line: string): WatchEvent<O> {
  const { type, object } = JSON.parse(line) as WireEvent;
  if (type === 'ERROR')
    throw refusal(call, object.code ?? 500, object.reason ?? 'Unknown', object.message ?? 'the watch broke');
  if (type === 'BOOKMARK') return { type, resourceVersion: object.metadata.resourceVersion! };
  return { type, object: object as KubernetesObject as O };
}
