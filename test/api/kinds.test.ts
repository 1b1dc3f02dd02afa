import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { pathOf } from '@dot-kube/operator';
import { kinds } from '../../src/api/kinds.ts';
import { HMCluster } from '../../src/api/hm-cluster.schema.ts';
import { LocalDiskAction } from '../../src/api/local-disk-action.schema.ts';
import { LocalDiskClaim } from '../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../src/api/local-disk.schema.ts';
import { LocalStorageNode } from '../../src/api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../src/api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { request } from '../lab/control-plane/index.ts';
import { admin, serviceAccount, type User } from './harness/client.ts';
import { install, kubectl } from './harness/install.ts';
import { localVolume, localVolumeReplica, writerRecord } from './harness/objects.ts';

type Manifest = { kind: string; metadata: { name: string }; spec: Record<string, unknown> };

const originals = parseAllDocuments(readFileSync('test/api/manifests/original.yaml', 'utf8')).map(
  (document) => document.toJS() as Manifest,
);
const kindOf = ({ kind }: Manifest) => kinds.find((resource) => resource.kind === kind)!;
const kib64 = 'x'.repeat(65_536);

/** Makes writer records, which no person may. */
let controller: User;

beforeAll(async () => {
  await install();
  controller = await serviceAccount('hwameistor-local-storage-csi-controller');
});

describe('what kubectl shows', () => {
  /** Column names as the server prints them, those of `-o wide` in brackets. */
  async function columnsOf(resource: (typeof kinds)[number]): Promise<string> {
    const { server, caPath, adminToken } = inject('apiServer');
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const answer = await request(server + pathOf(resource), { caPath, token: adminToken, accept });
    const table = JSON.parse(answer.body) as { columnDefinitions: { name: string; priority: number }[] };
    return table.columnDefinitions
      .slice(1)
      .map(({ name, priority }) => (priority > 0 ? `[${name}]` : name))
      .join(', ');
  }

  test.each([
    [
      LocalDisk,
      'NodeMatch, [Capacity], [PreNodeMatch], DevicePath, [PreDevicePath], Owner, Phase, [Health], [Reserved], State, Age',
    ],
    [LocalDiskClaim, 'NodeMatch, Phase, Owner'],
    [LocalDiskAction, 'Action, MaxCapacity, MinCapacity, DevicePath'],
    [LocalStorageNode, 'ip, status, PoolHDD FreeCap, PoolSSD FreeCap, [PoolNVMe FreeCap], age'],
    [LocalVolume, 'pool, replicas, capacity, used, state, [resource], published, [fstype], [group], age'],
    [LocalVolumeReplica, 'capacity, node, state, synced, device, age'],
    [LocalVolumeMigrate, 'volume, from, to, state, age'],
    [LocalVolumeWriter, 'node, epoch, inSync, moveTo, age'],
  ])('$kind has the documented columns in their order', async (resource, columns) => {
    expect(await columnsOf(resource)).toBe(columns);
  });

  test('the short names and the singular of every kind are known', async () => {
    const { server, caPath, adminToken } = inject('apiServer');
    const answer = await request(`${server}/apis/hwameistor.io/v1alpha1`, { caPath, token: adminToken });
    const { resources } = JSON.parse(answer.body) as {
      resources: { name: string; singularName: string; shortNames?: string[]; namespaced: boolean }[];
    };
    const known = resources
      .filter(({ name }) => !name.includes('/'))
      .map(({ name, singularName, shortNames, namespaced }) => [name, singularName, shortNames, namespaced].join(' '));
    expect(known.sort()).toEqual([
      'hmclusters hmcluster hmc false',
      'localdiskactions localdiskaction lda false',
      'localdiskclaims localdiskclaim ldc false',
      'localdisks localdisk ld false',
      'localstoragenodes localstoragenode lsn false',
      'localvolumemigrates localvolumemigrate lvmigrate false',
      'localvolumereplicas localvolumereplica lvr false',
      'localvolumes localvolume lv false',
      'localvolumewriters localvolumewriter lvw false',
    ]);
  });

  test('kubectl explain tells what a field is for', async () => {
    expect(await kubectl('explain', 'lv.spec.delete')).toContain('The order to delete the volume with all its data.');
  });

  test.each(kinds)('$kind describes itself and its spec to kubectl explain', async ({ plural, description }) => {
    expect((await kubectl('explain', plural)).replaceAll(/\s+/g, ' ')).toContain(description);
  });
});

describe('manifests of the original', () => {
  test.each(originals)('$kind $metadata.name is taken as it is, and nothing of it is lost', async (manifest) => {
    const resource = kindOf(manifest);
    const made = await admin().create(resource, manifest);
    expect(made).toMatchObject({ status: 201 });
    expect((await admin().get(resource, manifest.metadata.name)).object.spec).toMatchObject(manifest.spec);
  });

  test('what they leave out is filled in as the original does', async () => {
    await admin().create(LocalVolume, localVolume('defaulted', { accessibility: {} as never }));
    expect((await admin().get(LocalVolume, 'defaulted')).object.spec).toEqual({
      poolName: 'LocalStorage_PoolHDD',
      requiredCapacityBytes: 1024 ** 3,
      replicaNumber: 1,
      convertible: false,
      delete: false,
      accessibility: { zones: ['default'], regions: ['default'] },
    });
  });

  test('the status of a node is kept as it was written, an empty list of volumes included', async () => {
    const pool = {
      class: 'HDD',
      name: 'LocalStorage_PoolHDD',
      path: '/dev/LocalStorage_PoolHDD',
      type: 'REGULAR',
      totalCapacityBytes: 107369988096,
      usedCapacityBytes: 0,
      freeCapacityBytes: 107369988096,
      volumeCapacityBytesLimit: 107369988096,
      totalVolumeCount: 1000,
      usedVolumeCount: 0,
      freeVolumeCount: 1000,
      disks: [{ capacityBytes: 107369988096, devPath: '/dev/sdb', state: 'InUse', type: 'HDD' }],
      volumes: [],
    };
    const status = {
      state: 'Evicting',
      pools: { LocalStorage_PoolHDD: pool },
      poolExtendRecords: { LocalStorage_PoolHDD: [{ nodeName: 'n', owner: 'local-storage' }] },
      eviction: { reason: 'Evicted', since: '2026-01-01T00:00:00Z' },
      plan: [{ volume: 'pvc-1', from: 'status-node', to: 'node2', bytes: 4194304, state: 'Moving' }],
    };
    await admin().create(LocalStorageNode, {
      apiVersion: 'hwameistor.io/v1alpha1',
      kind: 'LocalStorageNode',
      metadata: { name: 'status-node' },
      spec: { hostname: 'status-node' },
    });
    const written = await admin().change(LocalStorageNode, 'status-node', (node) => (node.status = status), 'status');
    expect(written).toMatchObject({ status: 200 });
    expect((await admin().get(LocalStorageNode, 'status-node')).object.status).toEqual(status);
  });
});

describe('bad objects are refused with the field named', () => {
  const claim = (spec: object) => ({
    apiVersion: 'hwameistor.io/v1alpha1',
    kind: 'LocalDiskClaim',
    metadata: { name: 'bad' },
    spec: { nodeName: 'node1', owner: 'local-storage', ...spec },
  });
  const migrate = (spec: object) => ({
    apiVersion: 'hwameistor.io/v1alpha1',
    kind: 'LocalVolumeMigrate',
    metadata: { name: 'bad' },
    spec: { volumeName: 'pvc-1', sourceNode: 'node1', targetNodesSuggested: [], ...spec },
  });
  const action = (rule: object, what = 'reserve') => ({
    apiVersion: 'hwameistor.io/v1alpha1',
    kind: 'LocalDiskAction',
    metadata: { name: 'bad' },
    spec: { action: what, rule },
  });
  const volume = (spec: object) => localVolume('bad', spec);
  const replica = (spec: object) => localVolumeReplica('bad', spec);
  const pair = {
    migrate: 'm',
    moveId: 'i',
    role: 'source',
    phase: 'Seed',
    resourceID: 1,
    port: 43_002,
    minor: 43_002,
    legs: [
      { node: 'node1', ip: '10.0.0.1' },
      { node: 'node2', ip: '10.0.0.2' },
    ],
  };

  test.each<[string, (typeof kinds)[number], object, string]>([
    ['a negative size', LocalVolume, volume({ requiredCapacityBytes: -1 }), 'spec.requiredCapacityBytes'],
    ['less than one extent', LocalVolume, volume({ requiredCapacityBytes: 4_194_303 }), 'spec.requiredCapacityBytes'],
    ['a size that no double holds', LocalVolume, volume({ requiredCapacityBytes: 2 ** 60 }), 'requiredCapacityBytes'],
    ['an unknown pool', LocalVolume, volume({ poolName: 'LocalStorage_PoolTape' }), 'spec.poolName'],
    ['five copies', LocalVolume, volume({ replicaNumber: 5 }), 'spec.replicaNumber'],
    ['64 KiB of text', LocalVolume, volume({ pvcName: kib64 }), 'spec.pvcName'],
    ['a field that does not exist', LocalVolume, volume({ poolname: 'x' }), 'spec.poolname'],
    ['a throughput that is no quantity', LocalVolume, volume({ volumeQoS: { throughput: 'fast' } }), 'throughput'],
    ['a name that LVM keeps for itself', LocalVolume, localVolume('snapshot-1'), 'metadata.name'],
    ['another such name', LocalVolume, localVolume('pvmove0'), 'metadata.name'],
    ['a name too long for device-mapper', LocalVolume, localVolume('v'.repeat(97)), 'metadata.name'],
    ['a name with too many hyphens', LocalVolume, localVolume(`v${'-1'.repeat(40)}`), 'metadata.name'],
    ['a volume that LVM refuses', LocalVolumeReplica, replica({ volumeName: 'snapshot-1' }), 'spec.volumeName'],
    ['characters that LVM refuses', LocalVolumeReplica, replica({ volumeName: '-a/b' }), 'spec.volumeName'],
    ['no node', LocalVolumeReplica, replica({ nodeName: '' }), 'spec.nodeName'],
    ['an unknown phase', LocalVolumeReplica, replica({ pair: { ...pair, phase: 'Go' } }), 'spec.pair.phase'],
    ['a pair of one', LocalVolumeReplica, replica({ pair: { ...pair, legs: [pair.legs[0]] } }), 'spec.pair.legs'],
    ['an unknown kind of disk', LocalDiskClaim, claim({ description: { diskType: 'Tape' } }), 'description.diskType'],
    ['a negative disk', LocalDiskClaim, claim({ description: { capacity: -1 } }), 'spec.description.capacity'],
    ['an unknown owner', LocalDiskClaim, claim({ owner: 'me' }), 'spec.owner'],
    ['64 KiB of device', LocalDiskClaim, claim({ description: { devicePaths: [kib64] } }), 'description.devicePaths'],
    [
      'ten thousand disks',
      LocalDiskClaim,
      claim({ description: { devicePaths: Array(10_000).fill('/dev/sdb') } }),
      'spec.description.devicePaths',
    ],
    ['a node that can have no name', LocalDiskClaim, claim({ nodeName: 'Node 1' }), 'spec.nodeName'],
    ['wiping disks of a kind', LocalDiskClaim, claim({ wipe: true, description: { diskType: 'HDD' } }), 'spec.wipe'],
    ['wiping every disk', LocalDiskClaim, claim({ wipe: true }), 'spec.wipe'],
    ['wiping no disk', LocalDiskClaim, claim({ wipe: true, description: { devicePaths: [] } }), 'spec.wipe'],
    ['an unknown action', LocalDiskAction, action({ devicePath: '/dev/sd*' }, 'format'), 'spec.action'],
    ['a rule for every disk', LocalDiskAction, action({}), 'spec.rule'],
    ['another rule for every disk', LocalDiskAction, action({ minCapacity: 0, devicePath: '' }), 'spec.rule'],
    ['sizes that leave none', LocalDiskAction, action({ minCapacity: 2, maxCapacity: 1 }), 'spec.rule'],
    ['a pattern with braces', LocalDiskAction, action({ devicePath: '/dev/{a,b}' }), 'spec.rule.devicePath'],
    ['a pattern of seven stars', LocalDiskAction, action({ devicePath: '*******' }), 'spec.rule.devicePath'],
    ['an empty suggestion', LocalVolumeMigrate, migrate({ targetNodesSuggested: [''] }), 'spec.targetNodesSuggested'],
    ['no source', LocalVolumeMigrate, migrate({ sourceNode: undefined }), 'spec.sourceNode'],
    ['64 KiB of volume', LocalVolumeMigrate, migrate({ volumeName: kib64 }), 'spec.volumeName'],
  ])('%s', async (_what, resource, object, field) => {
    const answer = await admin().create(resource, object);
    expect([400, 422]).toContain(answer.status);
    expect(answer.object.message).toContain(field);
  });

  test.each<[string, object, string]>([
    ['a negative epoch', { epoch: -1 }, 'spec.epoch'],
    ['a writer without its volume group', { node: 'node1' }, 'spec.node'],
    ["another volume's name", { volumeName: 'other' }, 'spec.volumeName'],
    [
      'a member twice',
      {
        inSync: [
          { node: 'node1', vgUUID: 'a' },
          { node: 'node1', vgUUID: 'b' },
        ],
      },
      'spec.inSync',
    ],
  ])('in a writer record: %s', async (_what, spec, field) => {
    const answer = await controller.create(LocalVolumeWriter, writerRecord('bad', spec));
    expect(answer.status).toBe(422);
    expect(answer.object.message).toContain(field);
  });

  test('an unknown state is refused in status', async () => {
    await admin().create(LocalVolume, localVolume('odd'));
    const answer = await admin().change(LocalVolume, 'odd', (found) => (found.status = { state: 'Odd' }), 'status');
    expect(answer.status).toBe(422);
    expect(answer.object.message).toContain('status.state');
  });
});

describe('changes that would lose data or meaning are refused with the field named', () => {
  const config = {
    version: 1,
    volumeName: 'fixed',
    volumeId: 'id-1',
    requiredCapacityBytes: 1024 ** 3,
    convertible: false,
    resourceID: -1,
    readyToInitialize: false,
    initialized: false,
    replicas: [],
  };

  beforeAll(async () => {
    await admin().create(LocalVolume, localVolume('fixed', { config }));
    await admin().create(LocalVolumeReplica, localVolumeReplica('fixed', { volumeId: 'id-1' }));
  });

  // oxlint-disable-next-line typescript/no-explicit-any -- the spec of several kinds, changed in ways their types forbid
  test.each<[string, (typeof kinds)[number], (spec: any) => void, string]>([
    ['shrinking a volume', LocalVolume, (spec) => (spec.requiredCapacityBytes = 4_194_304), 'requiredCapacityBytes'],
    ['another pool', LocalVolume, (spec) => (spec.poolName = 'LocalStorage_PoolSSD'), 'spec.poolName'],
    ['taking the decision record away', LocalVolume, (spec) => delete spec.config, 'spec.config'],
    ['another identity', LocalVolume, (spec) => (spec.config.volumeId = 'id-2'), 'spec.config.volumeId'],
    ['no identity', LocalVolume, (spec) => delete spec.config.volumeId, 'spec.config.volumeId'],
    ["a copy's volume", LocalVolumeReplica, (spec) => (spec.volumeName = 'pvc-2'), 'spec.volumeName'],
    ["a copy's node", LocalVolumeReplica, (spec) => (spec.nodeName = 'node2'), 'spec.nodeName'],
    ["a copy's pool", LocalVolumeReplica, (spec) => (spec.poolName = 'LocalStorage_PoolSSD'), 'spec.poolName'],
    ["a copy's identity", LocalVolumeReplica, (spec) => delete spec.volumeId, 'spec.volumeId'],
  ])('%s', async (_what, resource, edit, field) => {
    const answer = await admin().change(resource, 'fixed', ({ spec }) => edit(spec));
    expect(answer.status).toBe(422);
    expect(answer.object.message).toContain(field);
  });

  test('growing is allowed', async () => {
    const grown = await admin().change(
      LocalVolume,
      'fixed',
      ({ spec }) => (spec.requiredCapacityBytes = 2 * 1024 ** 3),
    );
    expect(grown.status).toBe(200);
  });
});

describe('the order to wipe', () => {
  const description = { devicePaths: ['/dev/sdb'] };
  const claim = (name: string, spec: object) => ({
    apiVersion: 'hwameistor.io/v1alpha1',
    kind: 'LocalDiskClaim',
    metadata: { name },
    spec: { nodeName: 'node1', description, ...spec },
  });
  // oxlint-disable-next-line typescript/no-explicit-any -- a spec that is changed in ways its type forbids
  const edit = (name: string, change: (spec: any) => void) =>
    admin().change(LocalDiskClaim, name, ({ spec }) => change(spec));

  test.each<[string, object]>([
    ['by path', { wipe: true }],
    ['by name', { wipe: true, description: { localDiskNames: ['localdisk-1'] } }],
  ])('may be given for disks that are named %s', async (how, spec) => {
    expect(await admin().create(LocalDiskClaim, claim(how.replace(' ', '-'), spec))).toMatchObject({ status: 201 });
  });

  test('can be given later only while no disk is chosen, and taken back at any time', async () => {
    await admin().create(LocalDiskClaim, claim('wiped-later', {}));
    expect(await edit('wiped-later', (spec) => (spec.wipe = true))).toMatchObject({ status: 200 });
    const diskRefs = [{ name: 'localdisk-1' }];
    expect(await edit('wiped-later', (spec) => (spec.diskRefs = diskRefs))).toMatchObject({ status: 200 });
    expect(await edit('wiped-later', (spec) => (spec.wipe = false))).toMatchObject({ status: 200 });
    const refused = await edit('wiped-later', (spec) => (spec.wipe = true));
    expect(refused.status).toBe(422);
    expect(refused.object.message).toContain('spec.wipe');
    expect(refused.object.message).toContain('make it anew');
  });

  test('holds the names that it is given for', async () => {
    const unnamed = await edit('by-path', (spec) => (spec.description = { diskType: 'HDD' }));
    expect(unnamed.status).toBe(422);
    expect(unnamed.object.message).toContain('spec.wipe');
  });
});

test('a node is sent its own replicas alone', async () => {
  await admin().create(
    LocalVolumeReplica,
    localVolumeReplica('here', { nodeName: 'selected', volumeName: 'pvc-here' }),
  );
  await admin().create(LocalVolumeReplica, localVolumeReplica('there', { nodeName: 'other', volumeName: 'pvc-here' }));
  const names = async (selector: string): Promise<string[]> => {
    const { object } = await admin().list(LocalVolumeReplica, `?fieldSelector=${selector}`);
    return (object.items as Manifest[]).map(({ metadata }) => metadata.name);
  };
  expect(await names('spec.nodeName=selected')).toEqual(['here']);
  expect(await names('spec.volumeName=pvc-here')).toEqual(['here', 'there']);
});

test.each(kinds.filter(({ selectableFields }) => selectableFields.length > 0))(
  'every selectable field of $kind may be named in a fieldSelector',
  async (resource) => {
    const selector = resource.selectableFields.map((path) => `${path.slice(1)}=node9`).join(',');
    expect(await admin().list(resource, `?fieldSelector=${selector}`)).toMatchObject({ status: 200 });
  },
);

test('kubectl get hmcluster works as documented', async () => {
  expect((await admin().get(HMCluster, 'smallest')).status).toBe(200);
  expect(await kubectl('get', 'hmcluster', '-o', 'name')).toContain('hmcluster.hwameistor.io/smallest');
});
