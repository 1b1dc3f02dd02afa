import {
  ApiError,
  builtin,
  type Client,
  isAlreadyExists,
  isExpired,
  isNotFound,
  type KubernetesObject,
  type ObjectMeta,
  type Resource,
  type WatchEvent,
} from '@dot-kube/operator';
import { type ClientWrite, interceptWrites } from '@dot-kube/operator/testing';

/** A sound server's client that breaks one of its promises. */
export type Break = (client: Client) => Client;

/** API servers that are broken each in one way, named after what they do. The contract is to notice all of them. */
export const brokenApiServers: Readonly<Record<string, Break>> = {
  'keeps the status that a create brings': (client) => ({
    ...client,
    async create(resource, object, options) {
      const made = await client.create(resource, object, options);
      const { status } = object as KubernetesObject & { status?: unknown };
      return status === undefined ? made : client.updateStatus(resource, { ...made, status }, options);
    },
  }),
  'validates nothing': (client) => ({
    ...client,
    create: (resource, object, options) => unlessInvalid(client.create(resource, object, options), object),
  }),
  'makes what is there already': (client) => ({
    ...client,
    async create(resource, object, options) {
      return client.create(resource, object, options).catch(async (error: unknown) => {
        if (!isAlreadyExists(error)) throw error;
        return (await client.get(resource, object.metadata.name))!;
      });
    },
  }),
  'takes writes of any state of the object': (client) => {
    const newest = async <O extends KubernetesObject>(resource: Resource<O>, object: O): Promise<O> => {
      const now = await client.get(resource, object.metadata.name);
      if (now === undefined || object.metadata.resourceVersion === undefined) return object;
      return { ...object, metadata: { ...object.metadata, resourceVersion: now.metadata.resourceVersion } };
    };
    return {
      ...client,
      update: async (resource, object) => client.update(resource, await newest(resource, object)),
      updateStatus: async (resource, object) => client.updateStatus(resource, await newest(resource, object)),
    };
  },
  'replaces without being told which state': (client) => ({
    ...client,
    async update(resource, object) {
      const now = await client.get(resource, object.metadata.name);
      const { resourceVersion = now?.metadata.resourceVersion } = object.metadata;
      const metadata = { ...object.metadata, ...(resourceVersion !== undefined && { resourceVersion }) };
      return client.update(resource, { ...object, metadata });
    },
  }),
  'writes the status with the rest': (client) => ({
    ...client,
    async update(resource, object) {
      const { status } = object as KubernetesObject & { status?: unknown };
      const next = await client.update(resource, object);
      return status === undefined ? next : client.updateStatus(resource, { ...next, status });
    },
  }),
  'counts every write as a generation': (client) =>
    answering(client, everyVerb, (object) =>
      withMetadata(object, { generation: Number(object.metadata.resourceVersion) }),
    ),
  'gives every write a version': (client) => {
    let writes = 1_000_000;
    return answering(client, ['update', 'patch', 'apply'], (object) =>
      withMetadata(object, { resourceVersion: `${(writes += 1)}` }),
    );
  },
  'patches no deeper than the first member': (client) => ({
    ...client,
    async patch(resource, name, mergePatch, options) {
      const now = await client.get(resource, name, options);
      return now === undefined
        ? client.patch(resource, name, mergePatch, options)
        : client.update(resource, { ...now, ...mergePatch, metadata: now.metadata });
    },
  }),
  'does the steps of a JSON patch that it can': (client) => ({
    ...client,
    async jsonPatch(resource, name, operations, options) {
      let object = await client.get(resource, name, options);
      for (const step of operations)
        object = await unlessInvalid(client.jsonPatch(resource, name, [step], options), object!);
      return object!;
    },
  }),
  'adds to lists by replacing what is there': (client) => ({
    ...client,
    jsonPatch: (resource, name, operations, options) => {
      const replaces = operations.map((step) =>
        step.op === 'add' && /\d$/.test(step.path) ? ({ ...step, op: 'replace' } as const) : step,
      );
      return client.jsonPatch(resource, name, replaces, options);
    },
  }),
  'names nobody in its refusals': (client) =>
    refusing(client, ({ code, reason, causes, retryAfterMs }) => {
      const details = { causes, ...(retryAfterMs !== undefined && { retryAfterMs }) };
      return new ApiError(code, reason, 'refused: spec, .spec.size, status.pools', details);
    }),
  'evicts whatever budgets say': (client) => ({
    ...client,
    evict: (pod, options) => client.delete(builtin.Pod, pod, options),
  }),
  'evicts nobody whom a budget covers, and does not say why': (client) => ({
    ...client,
    async evict(pod, options) {
      const { items } = await client.list(builtin.PodDisruptionBudget, { namespace: options.namespace });
      if (items.length > 0) throw new ApiError(429, 'TooManyRequests', 'not now');
      return client.evict(pod, options);
    },
  }),
  'evicts who is not there': (client) => ({
    ...client,
    evict: async (pod, options) => (await client.evict(pod, options)) || true,
  }),
  'deletes whatever finalizers say': (client) => ({
    ...client,
    async delete(resource, name, options) {
      const object = await client.get(resource, name, options);
      if (object?.metadata.finalizers) await client.patch(resource, name, { metadata: { finalizers: null } }, options);
      return client.delete(resource, name, options);
    },
  }),
  'deletes another object of that name': (client) => ({
    ...client,
    delete: (resource, name, { namespace } = {}) =>
      client.delete(resource, name, namespace === undefined ? {} : { namespace }),
  }),
  'lists every namespace': (client) => ({
    ...client,
    list: (resource, options = {}) => client.list(resource, without('namespace', options)),
  }),
  'lists one page': (client) => ({
    ...client,
    async list(resource, options) {
      const { items, resourceVersion } = await client.list(resource, options);
      return { items: items.slice(0, 500), resourceVersion };
    },
  }),
  'overlooks label selectors': (client) => ({
    ...client,
    list: (resource, options = {}) => client.list(resource, without('labelSelector', options)),
  }),
  'overlooks field selectors': (client) => ({
    ...client,
    list: (resource, options = {}) => client.list(resource, without('fieldSelector', options)),
  }),
  'tells of no deletion': (client) => watching(client, (event) => (event.type === 'DELETED' ? [] : [event])),
  'tells every change as one of what is there': (client) =>
    watching(client, (event) => (event.type === 'ADDED' ? [{ ...event, type: 'MODIFIED' }] : [event])),
  'tells deletions with an earlier version': (client) =>
    watching(client, (event) => {
      if (event.type !== 'DELETED') return [event];
      return [{ ...event, object: withMetadata(event.object, { resourceVersion: '1' }) }];
    }),
  'sends no bookmarks': (client) => watching(client, (event) => (event.type === 'BOOKMARK' ? [] : [event])),
  'never ends a watch': (client) => ({
    ...client,
    watch: (resource, options) => client.watch(resource, without('timeoutSeconds', options)),
  }),
  'watches from now on when the past is forgotten': (client) => ({
    ...client,
    async *watch(resource, options) {
      try {
        yield* client.watch(resource, options);
      } catch (error) {
        if (!isExpired(error)) throw error;
        const { resourceVersion } = await client.list(resource);
        yield { type: 'BOOKMARK', resourceVersion };
      }
    },
  }),
  'never takes away what was applied': (client) => {
    let managers = 0;
    const once = () => `manager-${(managers += 1)}`;
    return {
      ...client,
      apply: (resource, object, options) => client.apply(resource, object, { ...options, fieldManager: once() }),
      applyStatus: (resource, object, options) =>
        client.applyStatus(resource, object, { ...options, fieldManager: once(), force: true }),
    };
  },
  'takes all who apply for one': (client) => ({
    ...client,
    apply: (resource, object, options) => client.apply(resource, object, { ...options, fieldManager: 'one' }),
    applyStatus: (resource, object, options) =>
      client.applyStatus(resource, object, { ...options, fieldManager: 'one' }),
  }),
  'applies by force': (client) => ({
    ...client,
    apply: (resource, object, options) => client.apply(resource, object, { ...options, force: true }),
  }),
  'applies to any state and any object of that name': (client) => {
    const onlyNamed = <A extends { metadata: { name: string } }>(object: A): A =>
      Object.assign({}, object, { metadata: { name: object.metadata.name } });
    return {
      ...client,
      apply: (resource, object, options) => client.apply(resource, onlyNamed(object), options),
      applyStatus: (resource, object, options) => client.applyStatus(resource, onlyNamed(object), options),
    };
  },
  'applies the status of what is not there': (client) => ({
    ...client,
    applyStatus: async (resource, object, options) =>
      client.applyStatus(resource, object, options).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
        return object as never;
      }),
  }),
  'applies what its schema refuses': (client) => ({
    ...client,
    applyStatus: (resource, object, options) =>
      unlessInvalid(client.applyStatus(resource, object, options), object as never),
  }),
  'forgets who owns what': (client) => ({
    ...client,
    create: (resource, object, options) =>
      client.create(resource, { ...object, metadata: without('ownerReferences', object.metadata) }, options),
  }),
};

const withMetadata = <O extends KubernetesObject>(object: O, metadata: Partial<ObjectMeta>): O => ({
  ...object,
  metadata: { ...object.metadata, ...metadata },
});

function without<O extends object>(member: keyof O, object: O): O {
  const rest = { ...object };
  Reflect.deleteProperty(rest, member);
  return rest;
}

async function unlessInvalid<O>(answer: Promise<O>, otherwise: O): Promise<O> {
  return answer.catch((error: unknown) => {
    if (error instanceof ApiError && error.reason === 'Invalid') return otherwise;
    throw error;
  });
}

const everyVerb: readonly ClientWrite['verb'][] = ['create', 'update', 'updateStatus', 'patch', 'jsonPatch', 'apply'];

/** Writes are answered with something else than what was written. */
function answering(
  client: Client,
  verbs: readonly ClientWrite['verb'][],
  change: (object: KubernetesObject) => KubernetesObject,
): Client {
  return interceptWrites(client, async ({ verb }, act) => {
    const answer = await act();
    return verbs.includes(verb) ? (change(answer as KubernetesObject) as typeof answer) : answer;
  });
}

/** Writes are refused in other words. */
function refusing(client: Client, change: (error: ApiError) => ApiError): Client {
  return interceptWrites(client, async (_, act) =>
    act().catch((error: unknown) => {
      throw error instanceof ApiError ? change(error) : error;
    }),
  );
}

/** Watches tell other events than those that were. */
function watching(
  client: Client,
  change: (event: WatchEvent<KubernetesObject>) => WatchEvent<KubernetesObject>[],
): Client {
  return {
    ...client,
    async *watch(resource, options) {
      for await (const event of client.watch(resource, options)) yield* change(event) as never[];
    },
  };
}
