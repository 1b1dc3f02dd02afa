import { ApiError, isExpired, isNotFound } from '../api-error.ts';
import type { ApplyOptions, Client, ListOptions, ObjectList, WatchEvent, WatchOptions } from '../client.ts';
import { apiVersionOf, pathOf, type KubernetesObject, type Resource } from '../resource.ts';
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
    request: Omit<Request, 'path'>,
    resource: Resource<O>,
    object: { metadata: { name: string; namespace?: string } },
    subResource?: 'status',
  ): Promise<O> => {
    const { name, namespace } = object.metadata;
    const path = pathOf(resource, namespace, request.method === 'POST' ? undefined : name, subResource);
    const body = { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };
    return transport.call({ query: { fieldManager }, body, ...request, path }) as Promise<O>;
  };

  const apply = <O extends KubernetesObject>(
    resource: Resource<O>,
    object: { metadata: { name: string; namespace?: string } },
    { fieldManager, force = false, signal }: ApplyOptions,
    subResource?: 'status',
  ): Promise<O> =>
    write(
      {
        method: 'PATCH',
        contentType: 'application/apply-patch+yaml',
        query: { fieldManager, force: `${force}` },
        signal,
      },
      resource,
      object,
      subResource,
    );

  return {
    async get(resource, name, { namespace, signal } = {}) {
      try {
        return (await transport.call({ method: 'GET', path: pathOf(resource, namespace, name), signal })) as never;
      } catch (error) {
        // Kinds that the server doesn't serve are 404 too, but without a reason: that is not "no such object".
        if (isNotFound(error) && error.reason === 'NotFound') return undefined;
        throw error;
      }
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
    create: (resource, object, { signal } = {}) => write({ method: 'POST', signal }, resource, object),
    update: (resource, object, { signal } = {}) => write({ method: 'PUT', signal }, resource, object),
    updateStatus: (resource, object, { signal } = {}) => write({ method: 'PUT', signal }, resource, object, 'status'),
    apply: (resource, object, options) => apply(resource, object, options),
    applyStatus: (resource, object, options) => apply(resource, object, options, 'status'),
    patch: (resource, name, mergePatch, { namespace, signal } = {}) =>
      transport.call({
        method: 'PATCH',
        path: pathOf(resource, namespace, name),
        query: { fieldManager },
        contentType: 'application/merge-patch+json',
        body: mergePatch,
        signal,
      }) as Promise<never>,
    async delete(resource, name, { namespace, uid, resourceVersion, signal } = {}) {
      const preconditions = {
        ...(uid !== undefined && { uid }),
        ...(resourceVersion !== undefined && { resourceVersion }),
      };
      try {
        await transport.call({
          method: 'DELETE',
          path: pathOf(resource, namespace, name),
          body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, propagationPolicy: 'Background' },
          signal,
        });
        return true;
      } catch (error) {
        if (isNotFound(error) && error.reason === 'NotFound') return false;
        throw error;
      }
    },
    watch: (resource, options) => watch(transport, resource, options),
    close: () => transport.close(),
  };
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
  const items: O[] = [];
  let next: string | undefined;
  for (;;) {
    const page = (await transport.call({
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
  for await (const line of transport.lines({ method: 'GET', path: pathOf(resource, namespace), query, signal })) {
    yield eventOf<O>(line);
  }
}

interface WireEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: KubernetesObject & { code?: number; reason?: string; message?: string };
}

function eventOf<O extends KubernetesObject>(line: string): WatchEvent<O> {
  const { type, object } = JSON.parse(line) as WireEvent;
  if (type === 'ERROR') {
    throw new ApiError(object.code ?? 500, object.reason ?? 'Unknown', object.message ?? 'the watch failed');
  }
  if (type === 'BOOKMARK') return { type, resourceVersion: object.metadata.resourceVersion! };
  return { type, object: object as KubernetesObject as O };
}
