import { describe, expect, test } from 'vitest';
import type { DrbdPair, LogicalVolume, VolumeGroup } from '../../src/api/observed/index.ts';
import {
  codeOf,
  type ContractHost,
  type ContractPair,
  createPool,
  eventually,
  type FreshHosts,
  signal,
  tags,
} from './bench.ts';

const mib = 1024 ** 2;
const name = 'pvc-1';
const minor = 7;
const port = 43_007;

interface Leg {
  host: ContractHost;
  volumeGroup: VolumeGroup;
  data: LogicalVolume;
  metadata: LogicalVolume;
}

export function drbdContract(freshHosts: FreshHosts): void {
  const sizeBytes = 64 * mib;

  const leg = async (host: ContractHost): Promise<Leg> => {
    const volumeGroup = await createPool(host);
    const { createLogicalVolume } = host.tools.lvm;
    const data = await createLogicalVolume({ volumeGroup, name, sizeBytes, tags }, signal);
    const metadata = await createLogicalVolume(
      { volumeGroup, name: `${name}_drbdmeta`, sizeBytes: 4 * mib, tags },
      signal,
    );
    return { host, volumeGroup, data, metadata };
  };
  const createMetadata = ({ host, metadata }: Leg) =>
    host.tools.drbd.createMetadata({ minor, device: metadata.path }, signal);
  const metadataOf = ({ host, metadata }: Leg) => host.tools.drbd.metadata({ minor, device: metadata.path }, signal);
  const seen = async ({ host }: Leg) =>
    (await host.tools.drbd.resources(signal)).find((resource) => resource.name === name);

  /** Of the volumes that `leg` would make; nothing is made. */
  const pairOf = (hosts: readonly [ContractHost, ContractHost]): DrbdPair => {
    const describe = ({ node, ip }: ContractHost) => {
      const disk = `/dev/LocalStorage_PoolHDD/${name}`;
      return { node, ip, disk, metadata: `${disk}_drbdmeta` };
    };
    const legs = [describe(hosts[0]), describe(hosts[1])] as const;
    return { name, tags, minor, port, secret: 'a'.repeat(63), fencing: 'dont-care', legs };
  };
  /** A source with data, configured towards a target that does not exist yet; nothing running. */
  const lonely = async (fencing: DrbdPair['fencing'] = 'dont-care') => {
    const world = await freshHosts();
    const source = await leg(world.hosts[0]);
    await source.host.write(source.data.path, 'precious');
    await source.host.tools.drbd.writeResource({ ...pairOf(world.hosts), fencing }, signal);
    return { world, source };
  };
  /** A source with data, and an empty target; both configured, nothing running. */
  const legs = async (fencing?: DrbdPair['fencing']) => {
    const { world, source } = await lonely(fencing);
    const target = await leg(world.hosts[1]);
    const pair = { ...pairOf(world.hosts), ...(fencing === undefined ? {} : { fencing }) };
    await target.host.tools.drbd.writeResource(pair, signal);
    return { world, source, target };
  };
  /** The source made the one that counts, as the first step of a move does it. */
  const seed = async (source: Leg): Promise<void> => {
    const { drbd } = source.host.tools;
    await createMetadata(source);
    await drbd.adjust(name, signal);
    await drbd.promoteByForce(name, signal);
    await drbd.demote(name, signal);
  };
  const seeded = async (fencing?: DrbdPair['fencing']) => {
    const both = await legs(fencing);
    await seed(both.source);
    return both;
  };
  const startTarget = async (target: Leg): Promise<void> => {
    await createMetadata(target);
    await target.host.tools.drbd.adjust(name, signal);
  };
  const synced = (world: ContractPair, side: Leg) =>
    eventually(
      world,
      () => seen(side),
      (resource) => resource?.disk === 'UpToDate' && resource.peerDisk === 'UpToDate',
    );

  describe('DRBD', () => {
    test('tells its version, and nothing runs on a fresh host', async () => {
      const [{ tools }] = (await freshHosts()).hosts;
      expect(await tools.drbd.module(signal)).toMatchObject({
        loaded: true,
        version: expect.stringMatching(/^8\.4\./),
      });
      expect(await tools.drbd.resources(signal)).toEqual([]);
      expect(await tools.drbd.resourceFiles(signal)).toEqual([]);
    });

    test('a resource file is written and removed, once each', async () => {
      const { hosts } = await freshHosts();
      const { drbd } = hosts[0].tools;
      await drbd.writeResource(pairOf(hosts), signal);
      await drbd.writeResource(pairOf(hosts), signal);
      expect(await drbd.resourceFiles(signal)).toMatchObject([
        { name, ours: true, tags, minors: [minor], ports: [port] },
      ]);
      await drbd.removeResource(name, signal);
      await drbd.removeResource(name, signal);
      expect(await drbd.resourceFiles(signal)).toEqual([]);
    });

    test('a resource file of somebody else is shown and left alone', async () => {
      const { hosts } = await freshHosts();
      const { drbd } = hosts[0].tools;
      await hosts[0].addForeignResourceFile(`/etc/drbd.d/hwameistor-${name}.res`, { name });
      expect(await codeOf(drbd.writeResource(pairOf(hosts), signal))).toBe('DRBD_FILE_NOT_OURS');
      expect(await codeOf(drbd.removeResource(name, signal))).toBe('DRBD_FILE_NOT_OURS');
      expect(await drbd.resourceFiles(signal)).toMatchObject([{ name, ours: false, tags: [] }]);
    });

    test.each([
      ['describes the resource', { name }, 'DRBD_FILE_NOT_OURS'],
      ['has its minor', { minor }, 'DRBD_ADDRESS_IN_USE'],
      ['has its port', { port }, 'DRBD_ADDRESS_IN_USE'],
    ] as const)('no resource file is written beside one of somebody else that %s', async (_what, about, code) => {
      const { hosts } = await freshHosts();
      await hosts[0].addForeignResourceFile('/etc/drbd.d/theirs.res', about);
      expect(await codeOf(hosts[0].tools.drbd.writeResource(pairOf(hosts), signal))).toBe(code);
      expect(await hosts[0].tools.drbd.resourceFiles(signal)).toMatchObject([{ path: '/etc/drbd.d/theirs.res' }]);
    });

    test('a resource that somebody else runs under our name is left alone', async () => {
      const { source } = await lonely();
      const { drbd } = source.host.tools;
      await source.host.runForeignResource(name, 900);
      const before = await drbd.resources(signal);
      expect(before).toMatchObject([{ name, minor: 900 }]);
      for (const change of [drbd.adjust, drbd.promoteByForce, drbd.demote, drbd.disconnect, drbd.down])
        expect(await codeOf(change(name, signal))).toBe('DRBD_RESOURCE_NOT_OURS');
      await drbd.removeResource(name, signal);
      expect(await drbd.resources(signal)).toEqual(before);
    });

    test('a resource whose file somebody deleted is ours again once that is written anew', async () => {
      const { world, source } = await lonely();
      await seed(source);
      const { drbd } = source.host.tools;
      await source.host.deleteResourceFile(`/etc/drbd.d/hwameistor-${name}.res`);
      for (const change of [drbd.demote, drbd.down])
        expect(await codeOf(change(name, signal))).toBe('DRBD_RESOURCE_NOT_OURS');
      await drbd.writeResource(pairOf(world.hosts), signal);
      await drbd.down(name, signal);
      expect(await drbd.resources(signal)).toEqual([]);
    });

    test.each([
      ['a secret that would end the line', { secret: 'a"; }' }, 'DRBD_BAD_CONFIG'],
      ['a secret that is too long', { secret: 'a'.repeat(64) }, 'DRBD_BAD_CONFIG'],
      ['a name with a path in it', { name: '../pvc' }, 'BAD_NAME'],
    ] as const)('%s is refused', async (_what, bad, code) => {
      const { hosts } = await freshHosts();
      const pair = { ...pairOf(hosts), ...bad };
      expect(await codeOf(hosts[0].tools.drbd.writeResource(pair, signal))).toBe(code);
    });

    test('no file is removed by a name that would lead out of the folder', async () => {
      const { hosts } = await freshHosts();
      expect(await codeOf(hosts[0].tools.drbd.removeResource('../pvc', signal))).toBe('BAD_NAME');
    });

    test('metadata are made once and told apart from none', async () => {
      const { source } = await lonely();
      expect(await metadataOf(source)).toEqual({ state: 'absent' });
      expect(await createMetadata(source)).toEqual({ state: 'valid', justCreated: true });
      expect(await createMetadata(source)).toEqual({ state: 'valid', justCreated: true });
      expect(await metadataOf(source)).toEqual({ state: 'valid', justCreated: true });
      await source.host.tools.drbd.wipeMetadata({ minor, device: source.metadata.path }, signal);
      await source.host.tools.drbd.wipeMetadata({ minor, device: source.metadata.path }, signal);
      expect(await metadataOf(source)).toEqual({ state: 'absent' });
    });

    test('metadata are made on a new volume also where others stood before, but not over a file system', async () => {
      const { source } = await lonely();
      const { lvm } = source.host.tools;
      const { volumeGroup, metadata } = source;
      await createMetadata(source);
      const wanted = { volumeGroup, name: metadata.name, sizeBytes: metadata.sizeBytes, tags };
      await lvm.removeLogicalVolume({ ...wanted, uuid: metadata.uuid, requireTags: tags }, signal);
      await lvm.createLogicalVolume(wanted, signal);
      expect(await metadataOf(source)).toEqual({ state: 'absent' });
      expect(await createMetadata(source)).toEqual({ state: 'valid', justCreated: true });
      await source.host.makeFileSystem(source.data.path, 'ext4');
      const wrong = source.host.tools.drbd.createMetadata({ minor, device: source.data.path }, signal);
      expect(await codeOf(wrong)).toBe('SIGNATURE_FOUND');
    });

    test('without a file or metadata nothing is started', async () => {
      const { source } = await lonely();
      const { drbd } = source.host.tools;
      expect(await codeOf(drbd.adjust('pvc-2', signal))).toBe('DRBD_UNKNOWN_RESOURCE');
      expect(await codeOf(drbd.adjust(name, signal))).toBe('DRBD_NO_METADATA');
      expect(await drbd.resources(signal)).toEqual([]);
    });

    test('a resource that is not running can’t be promoted, demoted or disconnected; it is down', async () => {
      const [{ tools }] = (await freshHosts()).hosts;
      const { drbd } = tools;
      expect(await codeOf(drbd.promoteByForce(name, signal))).toBe('DRBD_UNKNOWN_RESOURCE');
      expect(await codeOf(drbd.demote(name, signal))).toBe('DRBD_UNKNOWN_RESOURCE');
      expect(await codeOf(drbd.disconnect(name, signal))).toBe('DRBD_UNKNOWN_RESOURCE');
      expect(await codeOf(drbd.down(name, signal))).toBe('done');
    });

    test.each(['dont-care', 'resource-and-stonith'] as const)(
      'a source is seeded alone and keeps its data (fencing %s)',
      async (fencing) => {
        const { source } = await lonely(fencing);
        await seed(source);
        const { drbd, lvm } = source.host.tools;
        expect(await seen(source)).toMatchObject({
          minor,
          role: 'Secondary',
          disk: 'UpToDate',
          connection: 'Connecting',
        });
        expect(await metadataOf(source)).toEqual({ state: 'attached' });
        const remove = { volumeGroup: source.volumeGroup, name, uuid: source.data.uuid, requireTags: tags };
        expect(await codeOf(lvm.removeLogicalVolume(remove, signal))).toBe('DEVICE_IN_USE');
        await drbd.down(name, signal);
        await drbd.down(name, signal);
        expect(await drbd.resources(signal)).toEqual([]);
        expect(await metadataOf(source)).toEqual({ state: 'valid', justCreated: false });
        expect(await source.host.read(source.data.path)).toBe('precious');
      },
    );

    test('metadata with a history are not made anew unasked', async () => {
      const { source } = await lonely();
      await seed(source);
      const { drbd } = source.host.tools;
      const place = { minor, device: source.metadata.path };
      expect(await codeOf(drbd.createMetadata({ ...place, overwrite: true }, signal))).toBe('DEVICE_IN_USE');
      expect(await codeOf(drbd.wipeMetadata(place, signal))).toBe('DEVICE_IN_USE');
      await drbd.down(name, signal);
      expect(await codeOf(drbd.createMetadata(place, signal))).toBe('DRBD_METADATA_EXISTS');
      expect(await metadataOf(source)).toEqual({ state: 'valid', justCreated: false });
      expect(await drbd.createMetadata({ ...place, overwrite: true }, signal)).toEqual({
        state: 'valid',
        justCreated: true,
      });
    });

    test('two sides without data meet and neither is up to date', async () => {
      const { world, source, target } = await legs();
      for (const side of [source, target]) {
        await createMetadata(side);
        await side.host.tools.drbd.adjust(name, signal);
      }
      const met = await eventually(
        world,
        () => seen(source),
        (resource) => resource?.connection === 'Connected',
      );
      expect(met).toMatchObject({ disk: 'Inconsistent', peerDisk: 'Inconsistent', replication: 'Established' });
    });

    test('a fresh target gets all of the source’s data', async () => {
      const { world, source, target } = await seeded();
      await startTarget(target);
      await synced(world, source);
      expect(await synced(world, target)).toMatchObject({
        connection: 'Connected',
        replication: 'Established',
        role: 'Secondary',
        peerRole: 'Secondary',
        outOfSyncBytes: 0,
        suspended: false,
        sizeBytes,
      });
      for (const { host } of [source, target]) await host.tools.drbd.down(name, signal);
      expect(await target.host.read(target.data.path)).toBe('precious');
      expect(await source.host.read(source.data.path)).toBe('precious');
    });

    test('while one side is primary the other can’t be made so by force', async () => {
      const { world, source, target } = await seeded();
      await startTarget(target);
      await synced(world, target);
      await source.host.tools.drbd.promoteByForce(name, signal);
      expect(await codeOf(target.host.tools.drbd.promoteByForce(name, signal))).toBe('DRBD_PEER_IS_PRIMARY');
    });

    test('a target can be made primary and used before it has all data; the source can’t be meanwhile', async () => {
      const { world, source, target } = await seeded();
      await startTarget(target);
      await eventually(
        world,
        () => seen(target),
        (resource) => resource?.connection === 'Connected' && resource.peerDisk === 'UpToDate',
      );
      const { drbd } = target.host.tools;
      expect(await drbd.promote(name, signal)).toMatchObject({ role: 'Primary' });
      expect(await drbd.promote(name, signal)).toMatchObject({ role: 'Primary' });
      expect(await codeOf(source.host.tools.drbd.promote(name, signal))).toBe('DRBD_PEER_IS_PRIMARY');
      expect(await target.host.read(`/dev/drbd${minor}`)).toBe('precious');
      await drbd.demote(name, signal);
    });

    test('a side without data in reach can’t be made primary', async () => {
      const { target } = await legs();
      await startTarget(target);
      expect(await codeOf(target.host.tools.drbd.promote(name, signal))).toBe('DRBD_NO_UP_TO_DATE_DATA');
    });

    test('an open device is neither demoted nor taken down', async () => {
      const { source } = await lonely();
      await seed(source);
      const { drbd } = source.host.tools;
      await drbd.promoteByForce(name, signal);
      const release = await source.host.hold(`/dev/drbd${minor}`);
      expect(await codeOf(drbd.demote(name, signal))).toBe('DEVICE_IN_USE');
      expect(await codeOf(drbd.down(name, signal))).toBe('DEVICE_IN_USE');
      expect(await seen(source)).toMatchObject({ role: 'Primary' });
      await release();
      expect(await drbd.demote(name, signal)).toMatchObject({ role: 'Secondary' });
    });

    test('a side that left comes back when adjusted, without a full copy', async () => {
      const { world, source, target } = await seeded();
      await startTarget(target);
      await synced(world, target);
      expect(await target.host.tools.drbd.disconnect(name, signal)).toMatchObject({ connection: 'StandAlone' });
      expect(await target.host.tools.drbd.disconnect(name, signal)).toMatchObject({ connection: 'StandAlone' });
      await target.host.tools.drbd.adjust(name, signal);
      await eventually(
        world,
        () => seen(source),
        (resource) => resource?.connection === 'Connected' && resource.peerDisk === 'UpToDate',
      );
      expect(await seen(target)).toMatchObject({ disk: 'UpToDate', outOfSyncBytes: 0 });
    });

    test('a cut cable leaves a synced target up to date, and healing joins them again', async () => {
      const { world, target } = await seeded();
      await startTarget(target);
      await synced(world, target);
      await world.cut();
      await eventually(
        world,
        () => seen(target),
        (resource) => resource?.connection === 'Connecting',
      );
      expect(await seen(target)).toMatchObject({ disk: 'UpToDate', peerDisk: 'DUnknown', peerRole: 'Unknown' });
      await world.heal();
      await eventually(
        world,
        () => seen(target),
        (resource) => resource?.connection === 'Connected' && resource.peerDisk === 'UpToDate',
      );
    });

    test('with fencing, a primary that loses its peer is frozen until it meets it again', async () => {
      const { world, source, target } = await seeded('resource-and-stonith');
      await startTarget(target);
      await synced(world, source);
      const { drbd } = source.host.tools;
      expect(await drbd.promoteByForce(name, signal)).toMatchObject({ role: 'Primary', suspended: false });
      await world.cut();
      const cut = await eventually(
        world,
        () => seen(source),
        (resource) => resource?.suspended === true,
      );
      expect(cut).toMatchObject({ role: 'Primary', connection: 'Connecting', disk: 'UpToDate', peerDisk: 'DUnknown' });
      expect(await seen(target)).toMatchObject({ role: 'Secondary', suspended: false });
      await world.heal();
      await eventually(
        world,
        () => seen(source),
        (resource) => resource?.suspended === false && resource.connection === 'Connected',
      );
      await synced(world, source);
      expect(await drbd.demote(name, signal)).toMatchObject({ role: 'Secondary' });
      for (const { host } of [source, target]) await host.tools.drbd.down(name, signal);
    });

    test('after the source’s power loss its metadata are kept, and it serves the target again', async () => {
      const { world, source, target } = await seeded();
      await source.host.powerLoss();
      await source.host.tools.lvm.activateVolumeGroup(source.volumeGroup, signal);
      expect(await metadataOf(source)).toEqual({ state: 'valid', justCreated: false });
      expect(await codeOf(createMetadata(source))).toBe('DRBD_METADATA_EXISTS');
      expect(await source.host.tools.drbd.adjust(name, signal)).toMatchObject({ disk: 'UpToDate' });
      await startTarget(target);
      await synced(world, target);
      await target.host.tools.drbd.down(name, signal);
      expect(await target.host.read(target.data.path)).toBe('precious');
    });

    test('with fencing, a side that starts alone is not sure of its data until it meets the other', async () => {
      const { world, source, target } = await seeded('resource-and-stonith');
      await startTarget(target);
      await synced(world, target);
      await target.host.tools.drbd.down(name, signal);
      await source.host.tools.drbd.down(name, signal);
      expect(await target.host.tools.drbd.adjust(name, signal)).toMatchObject({ disk: 'Consistent' });
      await source.host.tools.drbd.adjust(name, signal);
      await synced(world, target);
    });

    test('after the target’s power loss it carries on from its metadata', async () => {
      const { world, source, target } = await seeded();
      await startTarget(target);
      await synced(world, target);
      await target.host.powerLoss();
      await target.host.tools.lvm.activateVolumeGroup(target.volumeGroup, signal);
      await target.host.tools.drbd.adjust(name, signal);
      await synced(world, target);
      await synced(world, source);
      await target.host.tools.drbd.down(name, signal);
      expect(await target.host.read(target.data.path)).toBe('precious');
    });
  });
}
