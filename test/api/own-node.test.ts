import { beforeAll, describe, expect, test, vi } from 'vitest';
import { builtin } from '@dot-kube/operator';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { agentLeaseName, namespace, serviceAccounts } from '../../src/api/names.ts';
import { admin, serviceAccount, type User } from './harness/client.ts';
import { install } from './harness/install.ts';
import { localVolume, localVolumeReplica } from './harness/objects.ts';

const mine = 'own-node-1';
const other = 'own-node-2';
let agent: User;
let unbound: User;

const node = (name: string) => ({
  apiVersion: 'hwameistor.io/v1alpha1',
  kind: 'LocalStorageNode',
  metadata: { name },
  spec: { hostname: name },
});

const disk = (name: string, spec: object) => ({
  apiVersion: 'hwameistor.io/v1alpha1',
  kind: 'LocalDisk',
  metadata: { name },
  spec: { devLinks: [], ...spec },
});

const claim = (name: string, nodeName: string) => ({
  apiVersion: 'hwameistor.io/v1alpha1',
  kind: 'LocalDiskClaim',
  metadata: { name },
  spec: { nodeName, owner: 'local-storage' },
});

const lease = (name: string) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, namespace },
  spec: { holderIdentity: 'somebody' },
});

beforeAll(async () => {
  await install();
  const created = await admin().create(builtin.Node, { apiVersion: 'v1', kind: 'Node', metadata: { name: mine } });
  agent = await serviceAccount(serviceAccounts.agent, { name: mine, uid: created.object.metadata.uid });
  unbound = await serviceAccount(serviceAccounts.agent);
  await vi.waitFor(
    async () => expect((await agent.create(LocalStorageNode, node('own-node-canary'))).status).toBe(403),
    { timeout: 30_000, interval: 100 },
  );
  for (const nodeName of [mine, other]) {
    await admin().create(LocalVolumeReplica, localVolumeReplica(`replica-of-${nodeName}`, { nodeName }));
    await admin().create(LocalDiskClaim, claim(`claim-of-${nodeName}`, nodeName));
    await admin().create(LocalDisk, disk(`disk-of-${nodeName}`, { nodeName }));
    await admin().create(LocalDisk, disk(`taken-out-of-${nodeName}`, { nodeName: '', preNodeName: nodeName }));
    for (const state of ['Active', 'Inactive'])
      await admin().create(
        LocalDisk,
        disk(`${state.toLowerCase()}-on-${nodeName}`, { nodeName, state, uuid: 'wwn:1' }),
      );
  }
  await admin().create(LocalStorageNode, node(other));
});

const report = (object: { status?: object }) => (object.status = { reason: 'Reported' });

describe('an agent may', () => {
  test('make the node of its own name, and report its status', async () => {
    expect(await agent.create(LocalStorageNode, node(mine))).toMatchObject({ status: 201 });
    const reported = await agent.change(
      LocalStorageNode,
      mine,
      (found) => (found.status = { state: 'Ready', pools: {} }),
      'status',
    );
    expect(reported).toMatchObject({ status: 200 });
  });

  test('make a disk of its own, write what it sees of it, and delete it', async () => {
    expect(await agent.create(LocalDisk, disk('found', { nodeName: mine }))).toMatchObject({ status: 201 });
    const seen = await agent.change(LocalDisk, 'found', ({ spec }) => (spec.devicePath = '/dev/sdb'));
    expect(seen).toMatchObject({ status: 200 });
    const judged = await agent.change(LocalDisk, 'found', (d) => (d.status = { claimState: 'Available' }), 'status');
    expect(judged).toMatchObject({ status: 200 });
    expect(await agent.delete(LocalDisk, 'found')).toMatchObject({ status: 200 });
  });

  test('say that its disk was taken out, and go on reporting it', async () => {
    await agent.create(LocalDisk, disk('pulled', { nodeName: mine }));
    const pulled = await agent.change(LocalDisk, 'pulled', ({ spec }) =>
      Object.assign(spec, { nodeName: '', preNodeName: mine, state: 'Inactive' }),
    );
    expect(pulled).toMatchObject({ status: 200 });
    const reported = await agent.change(LocalDisk, 'pulled', (d) => (d.status = { claimState: 'Pending' }), 'status');
    expect(reported).toMatchObject({ status: 200 });
  });

  test('take over a disk that was taken out of another node', async () => {
    const found = await agent.change(LocalDisk, `taken-out-of-${other}`, ({ spec }) => (spec.nodeName = mine));
    expect(found).toMatchObject({ status: 200 });
  });

  test('take over a disk that another node shows as away, and report it', async () => {
    const name = `away-from-${other}`;
    await admin().create(LocalDisk, disk(name, { nodeName: other, state: 'Inactive', uuid: 'wwn:1' }));
    const found = await agent.change(LocalDisk, name, ({ spec }) =>
      Object.assign(spec, { nodeName: mine, preNodeName: other, state: 'Active' }),
    );
    expect(found).toMatchObject({ status: 200 });
    const judged = await agent.change(LocalDisk, name, (d) => (d.status = { claimState: 'Available' }), 'status');
    expect(judged).toMatchObject({ status: 200 });
  });

  test('write which disks its claim took, report it, and delete it when it is done', async () => {
    const name = `claim-of-${mine}`;
    const chosen = await agent.change(LocalDiskClaim, name, ({ spec }) => (spec.diskRefs = [{ name: 'd' }]));
    expect(chosen).toMatchObject({ status: 200 });
    expect(await agent.change(LocalDiskClaim, name, report, 'status')).toMatchObject({ status: 200 });
    expect(await agent.delete(LocalDiskClaim, name)).toMatchObject({ status: 200 });
  });

  test('report its copy of a volume and hold its finalizer', async () => {
    const name = `replica-of-${mine}`;
    expect(await agent.change(LocalVolumeReplica, name, report, 'status')).toMatchObject({ status: 200 });
    const held = await agent.change(
      LocalVolumeReplica,
      name,
      ({ metadata }) => (metadata.finalizers = ['hwameistor.io/data-protection']),
    );
    expect(held).toMatchObject({ status: 200 });
    await agent.change(LocalVolumeReplica, name, ({ metadata }) => (metadata.finalizers = []));
  });

  test('make the object of a copy that it found', async () => {
    const found = localVolumeReplica('found-here', { nodeName: mine, found: true });
    expect(await agent.create(LocalVolumeReplica, found)).toMatchObject({ status: 201 });
  });

  test('make its lease and renew it', async () => {
    const name = agentLeaseName(mine);
    expect(await agent.create(builtin.Lease, lease(name))).toMatchObject({ status: 201 });
    const renewed = await agent.change(builtin.Lease, { namespace, name }, ({ spec }) => (spec.leaseTransitions = 1));
    expect(renewed).toMatchObject({ status: 200 });
  });
});

describe('an agent may not', () => {
  const edit = (object: { metadata: { labels?: object } }) => (object.metadata.labels = { changed: 'yes' });

  test.each<[string, () => Promise<{ status: number; object: { message: string } }>, string]>([
    ['make the node of another name', () => agent.create(LocalStorageNode, node('own-node-3')), mine],
    ['write another node', () => agent.change(LocalStorageNode, other, edit), mine],
    [
      "report another node's status",
      () => agent.change(LocalStorageNode, other, (lsn) => (lsn.status = { state: 'Ready' }), 'status'),
      mine,
    ],
    ['make a disk of another node', () => agent.create(LocalDisk, disk('far', { nodeName: other })), 'spec.nodeName'],
    ['make a disk of no node', () => agent.create(LocalDisk, disk('none', { nodeName: '' })), 'spec.nodeName'],
    ["write another's disk", () => agent.change(LocalDisk, `disk-of-${other}`, edit), 'spec.nodeName'],
    [
      "take another's disk",
      () => agent.change(LocalDisk, `disk-of-${other}`, ({ spec }) => (spec.nodeName = mine)),
      'spec.nodeName',
    ],
    [
      'take over a disk that another node shows as there',
      () =>
        agent.change(LocalDisk, `active-on-${other}`, ({ spec }) =>
          Object.assign(spec, { nodeName: mine, preNodeName: other }),
        ),
      'spec.nodeName',
    ],
    [
      'take over another disk than the one that is away',
      () =>
        agent.change(LocalDisk, `inactive-on-${other}`, ({ spec }) =>
          Object.assign(spec, { nodeName: mine, preNodeName: other, uuid: 'wwn:2' }),
        ),
      'spec.nodeName',
    ],
    [
      'take over a disk without saying where it was',
      () =>
        agent.change(LocalDisk, `inactive-on-${other}`, ({ spec }) =>
          Object.assign(spec, { nodeName: mine, preNodeName: 'own-node-3' }),
        ),
      'spec.nodeName',
    ],
    [
      "show another's disk as away",
      () => agent.change(LocalDisk, `active-on-${other}`, ({ spec }) => (spec.state = 'Inactive')),
      'spec.nodeName',
    ],
    [
      'give its disk to another',
      () => agent.change(LocalDisk, `disk-of-${mine}`, ({ spec }) => (spec.nodeName = other)),
      'spec.nodeName',
    ],
    ["delete another's disk", () => agent.delete(LocalDisk, `disk-of-${other}`), 'spec.nodeName'],
    ["write another's claim", () => agent.change(LocalDiskClaim, `claim-of-${other}`, edit), 'spec.nodeName'],
    ["delete another's claim", () => agent.delete(LocalDiskClaim, `claim-of-${other}`), 'spec.nodeName'],
    [
      "report another's copy",
      () => agent.change(LocalVolumeReplica, `replica-of-${other}`, report, 'status'),
      'spec.nodeName',
    ],
    [
      'order the deletion of its own copy',
      () => agent.change(LocalVolumeReplica, `replica-of-${mine}`, ({ spec }) => (spec.delete = true)),
      'spec:',
    ],
    [
      'grow its own copy',
      () => agent.change(LocalVolumeReplica, `replica-of-${mine}`, ({ spec }) => (spec.requiredCapacityBytes *= 2)),
      'spec:',
    ],
    [
      'make a copy that it did not find',
      () => agent.create(LocalVolumeReplica, localVolumeReplica('not-found', { nodeName: mine })),
      'spec.found',
    ],
    [
      "make a copy on another's node",
      () => agent.create(LocalVolumeReplica, localVolumeReplica('found', { nodeName: other, found: true })),
      'spec.nodeName',
    ],
    ["make another's lease", () => agent.create(builtin.Lease, lease(agentLeaseName(other))), 'metadata.name'],
    ["make the controller's lease", () => agent.create(builtin.Lease, lease('hwameistor-local-storage-master')), mine],
  ])('%s', async (_what, attempt, why) => {
    const refused = await attempt();
    expect(refused.status).toBe(403);
    expect(refused.object.message).toContain(why);
  });

  test('change anything with a token that is bound to no node', async () => {
    for (const answer of [
      await unbound.create(LocalStorageNode, node('unbound')),
      await unbound.change(LocalDisk, `disk-of-${mine}`, edit),
      await unbound.change(LocalVolumeReplica, `replica-of-${mine}`, report, 'status'),
    ]) {
      expect(answer.status).toBe(403);
      expect(answer.object.message).toContain('bound to no node');
    }
  });

  test('make volumes: its role has no such right', async () => {
    const refused = await agent.create(LocalVolume, localVolume('by-agent'));
    expect(refused.status).toBe(403);
    expect(refused.object.message).toContain('cannot create resource "localvolumes"');
  });

  test("read any secret but the cluster's own", async () => {
    expect((await agent.get(builtin.Secret, { namespace, name: 'another' })).status).toBe(403);
    expect((await agent.get(builtin.Secret, { namespace, name: 'hwameistor-cluster' })).status).toBe(404);
    expect((await agent.list(builtin.Secret)).status).toBe(403);
  });
});

test('people and the controller are not bound to a node', async () => {
  const edited = await admin().change(LocalDisk, `disk-of-${other}`, ({ spec }) => (spec.reserved = true));
  expect(edited).toMatchObject({ status: 200 });
});
