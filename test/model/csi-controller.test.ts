import { builtin } from '@dot-kube/operator';
import { describe, expect, test } from 'vitest';
import { LocalVolumeReplica } from '../../src/api/local-volume-replica.schema.ts';
import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { gib, mib } from '../../src/api/units.ts';
import { VolumeCapability_AccessMode_Mode as Mode } from '../../src/csi/proto/csi_pb.js';
import { copies, cordon, leftovers, pooled, uncordon, withMove } from './builders.ts';
import type { ModelCluster } from './cluster.ts';
import { answered, claimed, sidecars } from './csi.ts';

const refused = (code: string, words: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(words) as string });

/** Of each node: the disk, less what LVM keeps for itself. */
const poolBytes = gib(10) - mib(8);

/** What a pod's node does when it takes the volume, or is through with it. */
async function open(cluster: ModelCluster, volume: string, node: string | undefined): Promise<void> {
  const record = (await cluster.objects(LocalVolumeWriter)).get(volume)!;
  const { node: _node, vgUUID: _group, ...spec } = record.spec;
  const member = spec.inSync.find((one) => one.node === node);
  await cluster.kubectl.update(LocalVolumeWriter, { ...record, spec: { ...spec, ...member } });
}

async function nothingIsLeft(cluster: ModelCluster): Promise<void> {
  for (const kind of [LocalVolume, LocalVolumeReplica, LocalVolumeWriter])
    expect([...(await cluster.objects<{ metadata: { name: string } }>(kind)).keys()]).toEqual([]);
  expect(leftovers(cluster)).toEqual([]);
}

describe('CreateVolume', () => {
  test('answers when the volume is ready where it was asked for, and pods find it', async () => {
    const cluster = await pooled('node1', 'node2');
    const { createVolume } = sidecars(cluster);
    const [answer] = await answered(cluster, [createVolume(claimed('vol', 'node2', mib(100) + 1))]);
    expect(answer).toEqual({
      volume: {
        volumeId: 'vol',
        capacityBytes: BigInt(mib(104)),
        volumeContext: { poolClass: 'HDD', replicaNumber: '1' },
        accessibleTopology: [{ segments: { 'volume.hwameistor.io/vol': 'replica' } }],
      },
    });
    expect(Object.keys(copies(cluster, 'vol'))).toEqual(['node2']);
    expect((await cluster.objects(LocalVolume)).get('vol')?.spec).toMatchObject({
      pvcNamespace: 'default',
      pvcName: 'claim-of-vol',
    });
    const node = (await cluster.objects(builtin.Node)).get('node2');
    expect(node?.metadata.labels).toMatchObject({ 'volume.hwameistor.io/vol': 'replica' });
  });

  test('asked again and by several at once, answers the same of one volume', async () => {
    const cluster = await pooled('node1');
    const { createVolume } = sidecars(cluster);
    const other = sidecars(cluster);
    const asks = [createVolume(claimed('vol')), other.createVolume(claimed('vol')), createVolume(claimed('vol'))];
    const [first, ...others] = await answered(cluster, asks);
    const [again] = await answered(cluster, [createVolume(claimed('vol'))]);
    expect(first).toMatchObject({ volume: { volumeId: 'vol' } });
    for (const one of [...others, again]) expect(one).toEqual(first);
    expect([...(await cluster.objects(LocalVolume)).keys()]).toEqual(['vol']);
  });

  test('refuses the same name with another size or pool', async () => {
    const cluster = await pooled('node1');
    const { createVolume } = sidecars(cluster);
    await answered(cluster, [createVolume(claimed('vol'))]);
    const larger = claimed('vol', undefined, mib(200));
    const elsewhere = { ...claimed('vol'), parameters: { poolClass: 'SSD', replicaNumber: '1' } };
    expect(await answered(cluster, [createVolume(larger), createVolume(elsewhere)])).toEqual([
      refused('ALREADY_EXISTS', 'another size: 104857600 bytes'),
      refused('ALREADY_EXISTS', 'another pool: LocalStorage_PoolHDD'),
    ]);
  });

  test('takes back what has room on none of the nodes asked for, so that another one can be asked', async () => {
    const cluster = await pooled('node1', 'node2');
    await cordon(cluster.kubectl, 'node2');
    await cluster.run();
    const { createVolume } = sidecars(cluster);
    const [tooLarge] = await answered(cluster, [createVolume(claimed('vol', 'node1', gib(20)))]);
    expect(tooLarge).toEqual(refused('RESOURCE_EXHAUSTED', `node1 has ${poolBytes} bytes free`));
    const [cordoned] = await answered(cluster, [createVolume(claimed('vol', 'node2'))]);
    expect(cordoned).toEqual(refused('RESOURCE_EXHAUSTED', 'node2 is Maintain'));
    await nothingIsLeft(cluster);
    const [answer] = await answered(cluster, [createVolume(claimed('vol', 'node1'))]);
    expect(answer).toMatchObject({ volume: { volumeId: 'vol' } });
  });

  test('says what it waits for before the caller gives up, and ends at one volume when it is asked again', async () => {
    const cluster = await pooled('node1', 'node2');
    cluster.world.host('node1').powerOff();
    const { createVolume } = sidecars(cluster);
    const [waited] = await answered(cluster, [createVolume(claimed('vol', 'node1'))], { forMs: 60_000 });
    expect(waited).toEqual(refused('ABORTED', 'Volume vol is not ready yet: '));
    cluster.world.host('node1').boot();
    await cluster.run();
    const [answer] = await answered(cluster, [createVolume(claimed('vol', 'node1'))]);
    expect(answer).toMatchObject({ volume: { volumeId: 'vol' } });
    expect(Object.keys(copies(cluster, 'vol'))).toEqual(['node1']);
  });

  test('ends with the caller that gives up, and what it began is deleted by name', async () => {
    const cluster = await pooled('node1');
    const { createVolume, deleteVolume } = sidecars(cluster);
    const gaveUp = new Error('gave up');
    const call = createVolume(claimed('vol'), AbortSignal.abort(gaveUp));
    expect(await answered(cluster, [call])).toEqual([gaveUp]);
    expect(await answered(cluster, [deleteVolume('vol')])).toEqual([{}]);
    await nothingIsLeft(cluster);
  });

  test('refuses what is not made, by name and before anything is written', async () => {
    const cluster = await pooled('node1');
    const { createVolume } = sidecars(cluster);
    const asks = [
      { ...claimed('vol'), parameters: { poolClass: 'HDD', replicaNumber: '1', colour: 'red' } },
      { ...claimed('vol'), volumeContentSource: { type: { case: 'volume' as const, value: { volumeId: 'other' } } } },
      { ...claimed('vol'), mutableParameters: { iops: '1' } },
      claimed(''),
    ];
    expect(
      await answered(
        cluster,
        asks.map((ask) => createVolume(ask)),
      ),
    ).toEqual([
      refused('INVALID_ARGUMENT', 'parameter colour is not known'),
      refused('INVALID_ARGUMENT', 'dataSource'),
      refused('INVALID_ARGUMENT', 'parameter iops is not known'),
      refused('INVALID_ARGUMENT', 'has no name'),
    ]);
    await nothingIsLeft(cluster);
  });

  test('a name that is none for Kubernetes is kept apart from others, and answers the same again', async () => {
    const cluster = await pooled('node1');
    const { createVolume } = sidecars(cluster);
    const [upper, lower, again] = await answered(cluster, [
      createVolume(claimed('Volume_A')),
      createVolume(claimed('volume_a')),
      createVolume(claimed('Volume_A')),
    ]);
    expect(upper).toMatchObject({ volume: { volumeId: expect.stringMatching(/^csi-/) as string } });
    expect(again).toEqual(upper);
    expect(lower).not.toEqual(upper);
  });
});

describe('DeleteVolume', () => {
  test('answers of one that is not there, and of none', async () => {
    const { deleteVolume } = sidecars(await pooled('node1'));
    await expect(deleteVolume('absent')).resolves.toEqual({});
    await expect(deleteVolume('')).rejects.toEqual(refused('INVALID_ARGUMENT', 'names no volume'));
  });

  test('says which node has the volume open, and the order stands', async () => {
    const cluster = await pooled('node1');
    const { createVolume, deleteVolume } = sidecars(cluster);
    await answered(cluster, [createVolume(claimed('vol'))]);
    await open(cluster, 'vol', 'node1');
    const [answer] = await answered(cluster, [deleteVolume('vol')]);
    expect(answer).toEqual(refused('FAILED_PRECONDITION', 'Node node1 has volume vol open'));
    expect(Object.keys(copies(cluster, 'vol'))).toEqual(['node1']);
    await open(cluster, 'vol', undefined);
    expect(await answered(cluster, [deleteVolume('vol')])).toEqual([{}]);
    await nothingIsLeft(cluster);
  });

  test('waits for a node that is just letting go', async () => {
    const cluster = await pooled('node1');
    const { createVolume, deleteVolume } = sidecars(cluster);
    await answered(cluster, [createVolume(claimed('vol'))]);
    await open(cluster, 'vol', 'node1');
    const call = deleteVolume('vol');
    await cluster.run({ forMs: 1_000 });
    await open(cluster, 'vol', undefined);
    expect(await answered(cluster, [call])).toEqual([{}]);
  });

  test('does not wait for a node that is away: its copy is taken when it is back', async () => {
    const cluster = await pooled('node1', 'node2');
    const { createVolume, deleteVolume } = sidecars(cluster);
    await answered(cluster, [createVolume(claimed('vol', 'node1'))]);
    cluster.world.host('node1').powerOff();
    await cluster.run({ forMs: 120_000 });
    expect(await answered(cluster, [deleteVolume('vol')])).toEqual([{}]);
    expect([...(await cluster.objects(LocalVolumeReplica)).values()]).toMatchObject([{ spec: { delete: true } }]);
    cluster.world.host('node1').boot();
    await cluster.run();
    await nothingIsLeft(cluster);
  });

  test('a name that is being deleted is made again once that is over', async () => {
    const cluster = await pooled('node1');
    const { createVolume, deleteVolume } = sidecars(cluster);
    await answered(cluster, [createVolume(claimed('vol'))]);
    await open(cluster, 'vol', 'node1');
    await answered(cluster, [deleteVolume('vol')]);
    await expect(createVolume(claimed('vol'))).rejects.toEqual(refused('ABORTED', 'is being deleted'));
  });

  test('fifty volumes made and deleted at once leave nothing', async () => {
    const cluster = await pooled('node1', 'node2');
    const { createVolume, deleteVolume } = sidecars(cluster);
    const names = Array.from({ length: 50 }, (_, index) => `vol-${index}`);
    const made = await answered(
      cluster,
      names.map((name) => createVolume(claimed(name))),
    );
    for (const answer of made) expect(answer).not.toBeInstanceOf(Error);
    expect(
      await answered(
        cluster,
        names.map((name) => deleteVolume(name)),
      ),
    ).toEqual(names.map(() => ({})));
    await cluster.run();
    await nothingIsLeft(cluster);
  });
});

describe('ControllerExpandVolume', () => {
  const sizeOf = async (cluster: ModelCluster) =>
    (await cluster.objects(LocalVolume)).get('vol')?.spec.requiredCapacityBytes;

  test('is refused with figures where the pool has no room, before a size is ordered', async () => {
    const cluster = await pooled('node1');
    const { createVolume, expandVolume } = sidecars(cluster);
    await answered(cluster, [createVolume(claimed('vol')), createVolume(claimed('other', 'node1', gib(8)))]);
    const freeBytes = poolBytes - mib(100) - gib(8);
    expect(await answered(cluster, [expandVolume('vol', gib(9)), expandVolume('vol', gib(11))])).toEqual([
      refused(
        'RESOURCE_EXHAUSTED',
        `needs ${gib(9) - mib(100)} bytes more, and LocalStorage_PoolHDD of node1 has ${freeBytes} free`,
      ),
      refused('OUT_OF_RANGE', `has ${poolBytes} bytes in all`),
    ]);
    expect(await sizeOf(cluster)).toBe(mib(100));
  });

  test('answers when the logical volume is larger', async () => {
    const cluster = await pooled('node1');
    const { createVolume, expandVolume } = sidecars(cluster);
    await answered(cluster, [createVolume(claimed('vol'))]);
    const grown = { capacityBytes: BigInt(mib(200)), nodeExpansionRequired: true };
    expect(await answered(cluster, [expandVolume('vol', mib(200)), expandVolume('vol', mib(200))])).toEqual([
      grown,
      grown,
    ]);
    const { lvm } = cluster.world.host('node1').tools;
    expect(await lvm.logicalVolumes(new AbortController().signal)).toMatchObject([{ sizeBytes: mib(200) }]);
    expect((await cluster.objects(LocalVolume)).get('vol')).toMatchObject({
      spec: { config: { version: 2, requiredCapacityBytes: mib(200) } },
      status: { state: 'Ready', allocatedCapacityBytes: mib(200) },
    });
  });

  test('two volumes that want the same room do not both get it, and the one left over grows when there is room', async () => {
    const cluster = await pooled('node1');
    const { createVolume, expandVolume, deleteVolume } = sidecars(cluster);
    await answered(
      cluster,
      ['one', 'two'].map((name) => createVolume(claimed(name))),
    );
    for (const name of ['one', 'two'])
      await cluster.kubectl.patch(LocalVolume, name, { spec: { requiredCapacityBytes: gib(6) } });
    await cluster.run();
    const volumes = [...(await cluster.objects(LocalVolume)).values()];
    const left = volumes.filter(({ status }) => status?.allocatedCapacityBytes === mib(100));
    expect(left).toMatchObject([
      {
        status: {
          state: 'Ready',
          conditions: [
            { type: 'Ready', status: 'True' },
            {
              type: 'ExpansionBlocked',
              status: 'True',
              reason: 'NoRoom',
              message: expect.stringContaining('bytes more') as string,
            },
          ],
        },
      },
    ]);
    const [waiting = ''] = left.map(({ metadata }) => metadata.name);
    expect(await answered(cluster, [expandVolume(waiting, gib(6))])).toEqual([
      refused('RESOURCE_EXHAUSTED', 'bytes more'),
    ]);
    await answered(cluster, [deleteVolume(waiting === 'one' ? 'two' : 'one')]);
    expect(await answered(cluster, [expandVolume(waiting, gib(6))])).toMatchObject([{ capacityBytes: BigInt(gib(6)) }]);
    const { conditions } = (await cluster.objects(LocalVolume)).get(waiting)?.status ?? {};
    expect(conditions).toMatchObject([{ type: 'Ready' }]);
  });

  test('waits for a move to end, and refuses a raw block device, which would show what others left', async () => {
    const cluster = await withMove();
    const { createVolume, expandVolume } = sidecars(cluster);
    expect(await answered(cluster, [expandVolume('vol', mib(200))])).toEqual([
      refused('ABORTED', 'lvmigrate move-vol'),
    ]);
    await cluster.run();
    expect(await answered(cluster, [expandVolume('vol', mib(200))])).toMatchObject([
      { capacityBytes: BigInt(mib(200)) },
    ]);
    await answered(cluster, [createVolume(claimed('raw', 'node1'))]);
    const { lvm } = cluster.world.host('node1').tools;
    const { signal } = new AbortController();
    const found = (await lvm.logicalVolumes(signal)).find(({ name }) => name === 'raw')!;
    const change = { add: ['hwameistor.io/formatted=block'], remove: ['hwameistor.io/blank=yes'] };
    await lvm.changeLogicalVolumeTags({ ...found, ...change }, signal);
    await cluster.run({ forMs: 60_000 });
    expect(await answered(cluster, [expandVolume('raw', mib(200))])).toEqual([
      refused('INVALID_ARGUMENT', 'raw block device'),
    ]);
  });

  test('answers at once of a volume that is as large, and refuses one that is not there', async () => {
    const cluster = await pooled('node1');
    const { createVolume, expandVolume } = sidecars(cluster);
    await answered(cluster, [createVolume(claimed('vol'))]);
    expect(await answered(cluster, [expandVolume('vol', mib(50)), expandVolume('absent', mib(50))])).toEqual([
      { capacityBytes: BigInt(mib(100)), nodeExpansionRequired: true },
      refused('NOT_FOUND', 'There is no volume absent'),
    ]);
  });
});

describe('what is asked about volumes and room', () => {
  test('room is what a new volume would find, on one node or on all', async () => {
    const cluster = await pooled('node1', 'node2');
    const { createVolume, roomFor } = sidecars(cluster);
    await answered(cluster, [createVolume(claimed('vol', 'node1', gib(4)))]);
    await cordon(cluster.kubectl, 'node2');
    await cluster.run();
    const ask = (node?: string, poolClass = 'HDD') => roomFor(poolClass, node);
    const free = BigInt(poolBytes - gib(4));
    expect(await ask('node1')).toEqual({ availableCapacity: free, maximumVolumeSize: free });
    expect(await ask('node2')).toEqual({ availableCapacity: 0n, maximumVolumeSize: 0n });
    expect(await ask('node1', 'SSD')).toEqual({ availableCapacity: 0n, maximumVolumeSize: 0n });
    await uncordon(cluster.kubectl, 'node2');
    await cluster.run({ forMs: 2_000 });
    const other = BigInt(poolBytes);
    expect(await ask()).toEqual({ availableCapacity: free + other, maximumVolumeSize: other });
  });

  test('volumes are listed by pages, with how they are', async () => {
    const cluster = await pooled('node1');
    const { createVolume, listVolumes } = sidecars(cluster);
    await answered(
      cluster,
      ['b', 'a', 'c'].map((name) => createVolume(claimed(name))),
    );
    await open(cluster, 'b', 'node1');
    await cluster.run();
    const first = await listVolumes(2);
    expect(first.entries).toMatchObject([
      { volume: { volumeId: 'a', capacityBytes: BigInt(mib(100)) }, status: { publishedNodeIds: [] } },
      {
        volume: { volumeId: 'b' },
        status: { publishedNodeIds: ['node1'], volumeCondition: { abnormal: false, message: 'Ready on node1.' } },
      },
    ]);
    const last = await listVolumes(2, first.nextToken);
    expect(last.entries.map(({ volume }) => volume.volumeId)).toEqual(['c']);
    expect(last.nextToken).toBe('');
  });

  test('a use that is possible is confirmed, any other one is told why not', async () => {
    const cluster = await pooled('node1');
    const { createVolume, validate } = sidecars(cluster);
    await answered(cluster, [createVolume(claimed('vol'))]);
    expect(await validate('vol', [Mode.SINGLE_NODE_WRITER])).toMatchObject({
      confirmed: { volumeCapabilities: [{ accessMode: { mode: Mode.SINGLE_NODE_WRITER } }] },
    });
    expect(await validate('vol', [Mode.SINGLE_NODE_WRITER, Mode.MULTI_NODE_MULTI_WRITER])).toEqual({
      message: expect.stringContaining('access mode ReadWriteMany is not possible') as string,
    });
    await expect(validate('absent', [Mode.SINGLE_NODE_WRITER])).rejects.toEqual(
      refused('NOT_FOUND', 'no volume absent'),
    );
    await expect(validate('vol', [])).rejects.toEqual(refused('INVALID_ARGUMENT', 'not how'));
  });
});
