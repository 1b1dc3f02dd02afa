import {
  builtin,
  type Client,
  isDisruptionBudget,
  isNotFound,
  type JsonPatchOperation,
  type Pod,
  type WatchEvent,
} from '@dot-kube/operator';
import { beforeEach, describe, expect, test } from 'vitest';
import { Box, box, type BoxSpec } from './box.ts';

/**
 * What an API server promises to controllers, as cases for whoever stands in for one: the simulated server and a real
 * one both pass all of them, so that the simulation can't drift.
 * @param connect as someone who may do everything, to a server that serves {@link Box}
 */
export function apiServerContract(connect: () => Client): void {
  let client: Client;

  beforeEach(async () => {
    client = connect();
    for (const { metadata } of (await client.list(Box)).items) {
      if (metadata.finalizers !== undefined) await client.patch(Box, metadata.name, { metadata: { finalizers: null } });
      await client.delete(Box, metadata.name);
    }
  });

  describe('objects', () => {
    test('are given identity and defaults, lose unknown fields, and bring no status', async () => {
      const given = { ...box('a', { node: 'node1', colour: 'red' } as BoxSpec), status: { state: 'Ready' } };
      const made = await client.create(Box, given);
      expect(made).toMatchObject({
        apiVersion: 'contract.example.io/v1',
        kind: 'Box',
        metadata: { name: 'a', generation: 1 },
      });
      expect(made.metadata).toMatchObject({
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        resourceVersion: expect.stringMatching(/^\d+$/),
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      });
      expect(made.spec).toEqual({ node: 'node1', size: 4 });
      expect(made.status).toBeUndefined();
      expect(await client.get(Box, 'a')).toEqual(made);
      expect(await client.get(Box, 'b')).toBeUndefined();
    });

    test.each([
      ['a text that is too short', { node: '' }, 'spec.node'],
      ['a text that is too long', { node: 'n'.repeat(21) }, 'spec.node'],
      ['a negative size', { node: 'n', size: -1 }, 'spec.size'],
      ['a size that is no integer', { node: 'n', size: 1.5 }, 'spec.size'],
      ['a size of another type', { node: 'n', size: '5' }, 'spec.size'],
      ['too many items', { node: 'n', tags: ['a', 'b', 'c', 'd'] }, 'spec.tags'],
      ['a field that is missing', {}, 'spec.node'],
    ])('with %s are refused by the name of the field', async (_, spec, field) => {
      await expect(client.create(Box, box('a', spec as BoxSpec))).rejects.toMatchObject({
        code: 422,
        reason: 'Invalid',
        message: expect.stringContaining(field),
      });
    });

    test('with a name that no object may have are refused', async () => {
      await expect(client.create(Box, box('Not A Name'))).rejects.toMatchObject({ code: 422, reason: 'Invalid' });
    });

    test('are made only once', async () => {
      await client.create(Box, box('a'));
      await expect(client.create(Box, box('a'))).rejects.toMatchObject({ code: 409, reason: 'AlreadyExists' });
    });

    test('are replaced by compare-and-swap', async () => {
      const first = await client.create(Box, box('a'));
      const second = await client.update(Box, { ...first, spec: { node: 'node2' } });
      await expect(client.update(Box, first)).rejects.toMatchObject({ code: 409, reason: 'Conflict' });
      await expect(client.updateStatus(Box, { ...first, status: {} })).rejects.toMatchObject({ reason: 'Conflict' });
      expect(await client.get(Box, 'a')).toEqual(second);
    });

    test('of our own are not replaced without a version, and none is made by replacing', async () => {
      await client.create(Box, box('a'));
      await expect(client.update(Box, box('a', { node: 'node2' }))).rejects.toMatchObject({ reason: 'Invalid' });
      const gone = box('b', { node: 'node2' }, { resourceVersion: '1' });
      await expect(client.update(Box, gone)).rejects.toSatisfy(isNotFound);
    });

    test('have a status of their own, which a replacement leaves alone and which leaves the rest alone', async () => {
      const made = await client.create(Box, box('a'));
      const shown = await client.updateStatus(Box, {
        ...made,
        metadata: { ...made.metadata, labels: { a: 'b' } },
        spec: { node: 'elsewhere' },
        status: { state: 'Ready' },
      });
      expect(shown.spec).toEqual(made.spec);
      expect(shown.metadata.labels).toBeUndefined();
      const labelled = await client.update(Box, {
        ...shown,
        metadata: { ...shown.metadata, labels: { a: 'b' } },
        status: { state: 'Gone' },
      });
      expect(labelled).toMatchObject({ metadata: { labels: { a: 'b' } }, status: { state: 'Ready' } });
    });

    test('count changes of their spec, and of nothing else, as generations', async () => {
      const made = await client.create(Box, box('a'));
      const shown = await client.updateStatus(Box, { ...made, status: { state: 'Ready' } });
      const labelled = await client.patch(Box, 'a', { metadata: { labels: { a: 'b' } } });
      const changed = await client.patch(Box, 'a', { spec: { size: 5 } });
      expect([made, shown, labelled, changed].map(({ metadata }) => metadata.generation)).toEqual([1, 1, 1, 2]);
    });

    test('keep their version when a write changes nothing', async () => {
      const made = await client.create(Box, box('a'));
      expect(await client.update(Box, { ...made, spec: { node: 'node1' } })).toEqual(made);
      expect(await client.patch(Box, 'a', { spec: { size: 4 } })).toEqual(made);
    });

    test('are patched member by member, null taking members away', async () => {
      const made = await client.create(Box, box('a', { node: 'node1', tags: ['x'] }, { labels: { x: '1', y: '2' } }));
      const patched = await client.patch(Box, 'a', {
        metadata: { labels: { x: null } },
        spec: { size: 7, tags: ['y'] },
      });
      expect(patched).toMatchObject({
        metadata: { labels: { y: '2' } },
        spec: { node: 'node1', size: 7, tags: ['y'] },
      });
      const stale = { metadata: { resourceVersion: made.metadata.resourceVersion }, spec: { size: 8 } };
      await expect(client.patch(Box, 'a', stale)).rejects.toMatchObject({ reason: 'Conflict' });
      await expect(client.patch(Box, 'b', {})).rejects.toSatisfy(isNotFound);
    });

    test('are patched step by step, counting and escaping as JSON pointers do', async () => {
      await client.create(Box, box('a', { node: 'node1', tags: ['x', 'z'] }, { labels: { 'example.io/old': '1' } }));
      const patched = await client.jsonPatch(Box, 'a', [
        { op: 'test', path: '/spec/tags/1', value: 'z' },
        { op: 'add', path: '/spec/tags/1', value: 'y' },
        { op: 'remove', path: '/spec/tags/0' },
        { op: 'add', path: '/spec/tags/-', value: 'end' },
        { op: 'replace', path: '/spec/size', value: 7 },
        { op: 'copy', from: '/spec/node', path: '/metadata/labels/copied' },
        { op: 'move', from: '/metadata/labels/example.io~1old', path: '/metadata/labels/moved' },
      ]);
      expect(patched).toMatchObject({
        metadata: { labels: { copied: 'node1', moved: '1' }, generation: 2 },
        spec: { node: 'node1', size: 7, tags: ['y', 'z', 'end'] },
      });
      expect(patched.metadata.labels).not.toHaveProperty('example.io/old');
    });

    test.each<[string, JsonPatchOperation]>([
      ['a test that fails', { op: 'test', path: '/spec/size', value: 5 }],
      ['a member to remove that is not there', { op: 'remove', path: '/spec/tags' }],
      ['a member to replace that is not there', { op: 'replace', path: '/metadata/labels/a', value: 'b' }],
      ['an index behind the end', { op: 'add', path: '/metadata/finalizers/2', value: 'example.io/x' }],
      ['a place whose holder is not there', { op: 'add', path: '/spec/pools/hdd', value: 1 }],
      ['a source that is not there', { op: 'move', from: '/spec/tags', path: '/spec/tags2' }],
      ['an outcome that the schema refuses', { op: 'replace', path: '/spec/size', value: -1 }],
    ])('are left as they are by a JSON patch with %s', async (_, step) => {
      const made = await client.create(Box, box('a', { node: 'node1' }, { finalizers: ['example.io/y'] }));
      const steps: JsonPatchOperation[] = [{ op: 'replace', path: '/spec/node', value: 'node2' }, step];
      await expect(client.jsonPatch(Box, 'a', steps)).rejects.toMatchObject({ code: 422, reason: 'Invalid' });
      expect(await client.get(Box, 'a')).toEqual(made);
    });

    test('that are refused are named in the error, with the call and what the server says', async () => {
      const made = await client.create(Box, box('a'));
      await client.patch(Box, 'a', { spec: { size: 5 } });
      const messageOf = (call: Promise<unknown>) => call.then(String, (error: Error) => error.message);
      expect(await messageOf(client.update(Box, made))).toMatch(
        /^update Box a failed \(409 Conflict\): .*"a".*the object has been modified/,
      );
      expect(await messageOf(client.updateStatus(Box, made))).toMatch(
        /^update status of Box a failed \(409 Conflict\): /,
      );
      expect(await messageOf(client.patch(builtin.ConfigMap, 'b', {}, { namespace: 'default' }))).toMatch(
        /^patch ConfigMap default\/b failed \(404 NotFound\): configmaps "b" not found$/,
      );
      expect(await messageOf(client.list(Box, { fieldSelector: 'spec.size=4' }))).toMatch(
        /^list Box failed \(400 BadRequest\): .*spec\.size/,
      );
    });

    test('with finalizers stay marked until the last is taken off', async () => {
      const made = await client.create(Box, box('a', { node: 'n' }, { finalizers: ['example.io/x', 'example.io/y'] }));
      expect(await client.delete(Box, 'a')).toBe(true);
      const marked = await client.get(Box, 'a');
      expect(marked?.metadata).toMatchObject({
        uid: made.metadata.uid,
        generation: 2,
        deletionTimestamp: expect.anything(),
      });
      expect(await client.delete(Box, 'a')).toBe(true);
      expect(await client.get(Box, 'a')).toEqual(marked);
      await expect(
        client.patch(Box, 'a', { metadata: { finalizers: ['example.io/x', 'example.io/y', 'example.io/z'] } }),
      ).rejects.toMatchObject({ reason: 'Invalid' });
      await client.patch(Box, 'a', { metadata: { finalizers: ['example.io/y'] } });
      await client.patch(Box, 'a', { metadata: { finalizers: null } });
      expect(await client.get(Box, 'a')).toBeUndefined();
      expect(await client.delete(Box, 'a')).toBe(false);
    });

    test('are deleted only as the object, and the state of it, that was meant', async () => {
      const made = await client.create(Box, box('a'));
      const { uid, resourceVersion } = made.metadata;
      await client.patch(Box, 'a', { spec: { size: 5 } });
      const another = '00000000-0000-4000-8000-00000000ffff';
      await expect(client.delete(Box, 'a', { uid: another })).rejects.toMatchObject({ reason: 'Conflict' });
      await expect(client.delete(Box, 'a', { resourceVersion: resourceVersion! })).rejects.toMatchObject({
        reason: 'Conflict',
      });
      expect(await client.delete(Box, 'a', { uid: uid! })).toBe(true);
    });

    test('live in their namespaces', async () => {
      const at = (namespace: string, name: string) => ({ metadata: { namespace, name }, data: { from: namespace } });
      for (const namespace of ['default', 'kube-system']) {
        await client.delete(builtin.ConfigMap, 'contract', { namespace });
        await client.create(builtin.ConfigMap, at(namespace, 'contract'));
      }
      const inDefault = await client.list(builtin.ConfigMap, {
        namespace: 'default',
        fieldSelector: 'metadata.name=contract',
      });
      expect(inDefault.items.map(({ data }) => data)).toEqual([{ from: 'default' }]);
      const everywhere = await client.list(builtin.ConfigMap, { fieldSelector: 'metadata.name=contract' });
      expect(everywhere.items).toHaveLength(2);
    });
  });

  describe('an eviction', () => {
    const namespace = 'default';
    const labels = { contract: 'eviction' };
    const spec = { containers: [{ name: 'main', image: 'none' }] };

    beforeEach(async () => {
      const account = { metadata: { namespace, name: 'default' } };
      if (!(await client.get(builtin.ServiceAccount, 'default', { namespace })))
        await client.create(builtin.ServiceAccount, account);
      await client.delete(builtin.PodDisruptionBudget, 'budget', { namespace });
      await client.delete(builtin.Pod, 'pod', { namespace });
    });

    /** On no node, so that it is gone at once when it is deleted. */
    async function runningPod(): Promise<Pod> {
      const pod = await client.create(builtin.Pod, { metadata: { namespace, name: 'pod', labels }, spec });
      const conditions = [{ type: 'Ready', status: 'True' as const }];
      return client.updateStatus(builtin.Pod, { ...pod, status: { phase: 'Running', conditions } });
    }

    async function budgetOf(disruptionsAllowed: number) {
      const budget = await client.create(builtin.PodDisruptionBudget, {
        metadata: { namespace, name: 'budget' },
        spec: { selector: { matchLabels: labels, matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] } },
      });
      await client.updateStatus(builtin.PodDisruptionBudget, {
        ...budget,
        status: { observedGeneration: 1, disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
      });
    }

    test('takes a pod that no budget covers, and finds one that is not there gone', async () => {
      await runningPod();
      expect(await client.evict('pod', { namespace })).toBe(true);
      expect(await client.get(builtin.Pod, 'pod', { namespace })).toBeUndefined();
      expect(await client.evict('pod', { namespace })).toBe(false);
    });

    test('waits for a budget that is used up, and says so', async () => {
      await runningPod();
      await budgetOf(0);
      const refused = await client.evict('pod', { namespace }).catch((error: unknown) => error);
      expect(refused).toSatisfy(isDisruptionBudget);
      expect(refused).toMatchObject({
        code: 429,
        reason: 'TooManyRequests',
        message: expect.stringMatching(/^evict Pod default\/pod failed \(429 TooManyRequests\): .*disruption budget/),
        causes: [{ reason: 'DisruptionBudget', message: expect.stringContaining('budget needs 1 healthy pods') }],
      });
      expect(await client.get(builtin.Pod, 'pod', { namespace })).toBeDefined();
    });

    test('waits for a budget that nobody has looked at yet, and is told how long', async () => {
      await runningPod();
      await client.create(builtin.PodDisruptionBudget, {
        metadata: { namespace, name: 'budget' },
        spec: { selector: { matchLabels: labels } },
      });
      const refused = await client.evict('pod', { namespace }).catch((error: unknown) => error);
      expect(refused).toSatisfy(isDisruptionBudget);
      expect(refused).toMatchObject({ retryAfterMs: 10_000 });
    });

    test('counts against its budget', async () => {
      await runningPod();
      await budgetOf(1);
      expect(await client.evict('pod', { namespace })).toBe(true);
      const { status } = (await client.get(builtin.PodDisruptionBudget, 'budget', { namespace }))!;
      expect(status).toMatchObject({ disruptionsAllowed: 0, disruptedPods: { pod: expect.any(String) } });
    });

    test('takes a pod that does not run yet whatever its budget, and only the pod that was meant', async () => {
      await budgetOf(0);
      await client.create(builtin.Pod, { metadata: { namespace, name: 'pod', labels }, spec });
      const another = '00000000-0000-4000-8000-00000000ffff';
      await expect(client.evict('pod', { namespace, uid: another })).rejects.toMatchObject({ reason: 'Conflict' });
      expect(await client.evict('pod', { namespace })).toBe(true);
    });
  });

  describe('selectors', () => {
    test.each([
      [{ labelSelector: 'tier=a' }, ['one']],
      [{ labelSelector: 'tier!=a' }, ['three', 'two']],
      [{ labelSelector: 'tier in (a, b),!old' }, ['one']],
      [{ labelSelector: 'tier notin (a)' }, ['three', 'two']],
      [{ labelSelector: 'tier' }, ['one', 'two']],
      [{ fieldSelector: 'spec.node=node2' }, ['three']],
      [{ fieldSelector: 'metadata.name!=one,spec.node=node1' }, ['two']],
    ])('%j chooses %j', async (selection, names) => {
      await client.create(Box, box('one', { node: 'node1' }, { labels: { tier: 'a' } }));
      await client.create(Box, box('two', { node: 'node1' }, { labels: { tier: 'b', old: 'yes' } }));
      await client.create(Box, box('three', { node: 'node2' }));
      const { items } = await client.list(Box, selection);
      expect(items.map(({ metadata }) => metadata.name)).toEqual(names);
    });

    test('by a field that the kind does not offer are refused', async () => {
      await expect(client.list(Box, { fieldSelector: 'spec.size=4' })).rejects.toMatchObject({ code: 400 });
    });
  });

  describe('a watch', () => {
    const told = (event: WatchEvent<Box>) =>
      event.type === 'BOOKMARK' ? event.type : `${event.type} ${event.object.metadata.name} ${event.object.spec.node}`;

    /** The first events after a version, bookmarks apart. */
    async function first(
      count: number,
      options: { resourceVersion: string; fieldSelector?: string },
    ): Promise<string[]> {
      const events: string[] = [];
      const stop = new AbortController();
      for await (const event of client.watch(Box, { ...options, signal: stop.signal })) {
        if (event.type !== 'BOOKMARK' && events.push(told(event)) === count) stop.abort();
      }
      return events;
    }

    test('tells all that came after a version, in order', async () => {
      await client.create(Box, box('before'));
      const { resourceVersion } = await client.list(Box);
      await client.create(Box, box('a'));
      await client.patch(Box, 'before', { spec: { node: 'node2' } });
      await client.delete(Box, 'a');
      expect(await first(3, { resourceVersion })).toEqual([
        'ADDED a node1',
        'MODIFIED before node2',
        'DELETED a node1',
      ]);
    });

    test('tells of what enters and leaves its selection', async () => {
      await client.create(Box, box('a'));
      const { resourceVersion } = await client.list(Box);
      await client.patch(Box, 'a', { spec: { node: 'node2' } });
      await client.patch(Box, 'a', { spec: { size: 5 } });
      await client.patch(Box, 'a', { spec: { node: 'node1' } });
      const events = await first(3, { resourceVersion, fieldSelector: 'spec.node=node2' });
      expect(events.map((event) => event.split(' ')[0])).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    });

    test('tells a deletion with a version after that of the last state', async () => {
      const made = await client.create(Box, box('a'));
      await client.delete(Box, 'a');
      for await (const event of client.watch(Box, { resourceVersion: made.metadata.resourceVersion! })) {
        if (event.type === 'BOOKMARK') continue;
        expect(event.type).toBe('DELETED');
        expect(Number(event.object.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
        break;
      }
    });
  });

  describe('server-side apply', () => {
    const by = (fieldManager: string) => ({ fieldManager });
    const metadata = { name: 'a' };
    const condition = (type: string, status = 'True') => ({ type, status, reason: 'Seen' });

    test('makes what is not there, and takes away what its manager no longer says', async () => {
      const labels = { x: '1', y: '2' };
      await client.apply(
        Box,
        { metadata: { name: 'a', labels }, spec: { node: 'n', size: 9, tags: ['t'] } },
        by('one'),
      );
      const next = await client.apply(
        Box,
        { metadata: { name: 'a', labels: { y: '2' } }, spec: { node: 'n' } },
        by('one'),
      );
      expect(next.metadata.labels).toEqual({ y: '2' });
      expect(next.spec).toEqual({ node: 'n', size: 4 });
    });

    test('lets managers share a status, conditions by their type', async () => {
      await client.create(Box, box('a'));
      const status = { pools: { hdd: { free: 3 } }, conditions: [condition('Up')] };
      await client.applyStatus(Box, { metadata, status }, by('agent'));
      await client.applyStatus(
        Box,
        { metadata, status: { state: 'Ready', conditions: [condition('Safe')] } },
        by('controller'),
      );
      const both = await client.applyStatus(
        Box,
        { metadata, status: { pools: { ssd: { free: 1 } }, conditions: [condition('Up', 'False')] } },
        by('agent'),
      );
      expect(both.status).toEqual({
        state: 'Ready',
        pools: { ssd: { free: 1 } },
        conditions: [condition('Up', 'False'), condition('Safe')],
      });
      const less = await client.applyStatus(
        Box,
        { metadata, status: { conditions: [{ type: 'Up', status: 'False' }] } },
        by('agent'),
      );
      expect(less.status).toEqual({ state: 'Ready', conditions: [{ type: 'Up', status: 'False' }, condition('Safe')] });
      const gone = await client.applyStatus(Box, { metadata, status: {} }, by('agent'));
      expect(gone.status).toEqual({ state: 'Ready', conditions: [condition('Safe')] });
    });

    test('takes a map that was empty as empty, and refuses one that its manager empties without leaving it out', async () => {
      await client.create(Box, box('a'));
      const shown = await client.applyStatus(Box, { metadata, status: { pools: {} } }, by('one'));
      expect(shown.status).toEqual({ pools: {} });
      await client.applyStatus(Box, { metadata, status: { pools: { hdd: { free: 3 } } } }, by('one'));
      for (const pools of [{}, { hdd: {} }])
        await expect(client.applyStatus(Box, { metadata, status: { pools } }, by('one'))).rejects.toMatchObject({
          code: 422,
          reason: 'Invalid',
          message: expect.stringContaining('status.pools'),
        });
      const gone = await client.applyStatus(Box, { metadata, status: { state: 'x' } }, by('one'));
      expect(gone.status).toEqual({ state: 'x' });
    });

    test('leaves a member to those who say it too', async () => {
      await client.create(Box, box('a'));
      await client.applyStatus(Box, { metadata, status: { pools: { hdd: { free: 3 } } } }, by('one'));
      await client.applyStatus(Box, { metadata, status: { pools: { hdd: { free: 3, used: 1 } } } }, by('two'));
      const next = await client.applyStatus(Box, { metadata, status: { state: 'x' } }, by('one'));
      expect(next.status).toEqual({ state: 'x', pools: { hdd: { free: 3, used: 1 } } });
    });

    test('refuses to change what another manager says, unless forced, and then owns it alone', async () => {
      await client.apply(Box, { metadata, spec: { node: 'n', size: 1 } }, by('one'));
      const other = { metadata, spec: { size: 2 } };
      await expect(client.apply(Box, other, by('two'))).rejects.toMatchObject({
        code: 409,
        reason: 'Conflict',
        message: expect.stringContaining('.spec.size'),
      });
      await client.apply(Box, other, { fieldManager: 'two', force: true });
      const next = await client.apply(Box, { metadata, spec: { node: 'n' } }, by('one'));
      expect(next.spec.size).toBe(2);
    });

    test('meets writes by others: what they changed is theirs', async () => {
      await client.apply(Box, { metadata, spec: { node: 'n', size: 1 } }, by('one'));
      await client.patch(Box, 'a', { spec: { size: 3 } });
      await expect(client.apply(Box, { metadata, spec: { node: 'n', size: 1 } }, by('one'))).rejects.toMatchObject({
        reason: 'Conflict',
      });
    });

    test('of the same again changes nothing', async () => {
      const once = await client.apply(Box, { metadata, spec: { node: 'n', size: 1 } }, by('one'));
      expect(await client.apply(Box, { metadata, spec: { node: 'n', size: 1 } }, by('one'))).toEqual(once);
    });

    test('of the status of an object that is not there is refused', async () => {
      await expect(client.applyStatus(Box, { metadata, status: {} }, by('one'))).rejects.toSatisfy(isNotFound);
    });

    test('can be told which state of the object it is meant for', async () => {
      const made = await client.create(Box, box('a'));
      const stale = { name: 'a', resourceVersion: made.metadata.resourceVersion! };
      await client.patch(Box, 'a', { spec: { size: 5 } });
      const refused = { code: 409, reason: 'Conflict' };
      await expect(client.apply(Box, { metadata: stale, spec: { size: 6 } }, by('one'))).rejects.toMatchObject(refused);
      await expect(
        client.applyStatus(Box, { metadata: stale, status: { state: 'x' } }, by('one')),
      ).rejects.toMatchObject(refused);
    });

    test('of a status that names another object than the one there is taken all the same, other writes are not', async () => {
      const made = await client.create(Box, box('a'));
      const another = { ...made.metadata, uid: '00000000-0000-4000-8000-00000000ffff' };
      const refused = { code: 409, reason: 'Conflict' };
      await expect(client.updateStatus(Box, { ...made, metadata: another, status: {} })).rejects.toMatchObject(refused);
      await expect(client.update(Box, { ...made, metadata: another })).rejects.toMatchObject(refused);
      const { name, uid } = another;
      await expect(
        client.apply(Box, { metadata: { name: 'b', uid }, spec: { node: 'n' } }, by('one')),
      ).rejects.toMatchObject(refused);
      const applied = await client.applyStatus(Box, { metadata: { name, uid }, status: { state: 'x' } }, by('one'));
      expect(applied).toMatchObject({ metadata: { uid: made.metadata.uid }, status: { state: 'x' } });
    });
  });
}
