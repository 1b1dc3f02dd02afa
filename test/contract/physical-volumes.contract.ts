import { describe, expect, test } from 'vitest';
import type { PhysicalVolume } from '../../src/api/observed/index.ts';
import { codeOf, createPool, type FreshHosts, identityOf, signal, tags } from './bench.ts';

const mib = 1024 ** 2;
const wrongUuid = 'aaaaaa-bbbb-cccc-dddd-eeee-ffff-gggggg';
/** Of the volume of these cases: 64 MiB in extents of 4 MiB. */
const extents = 16;

export function physicalVolumesContract(freshHosts: FreshHosts): void {
  /** A group of two disks, with a volume in use on the first and nothing on the second. */
  const bench = async () => {
    const [host] = (await freshHosts()).hosts;
    const { lvm } = host.tools;
    const volumeGroup = await createPool(host);
    const wanted = { volumeGroup, name: 'pvc-1', sizeBytes: extents * 4 * mib, tags };
    const volume = await lvm.createLogicalVolume(wanted, signal);
    await host.write(volume.path, 'kept');
    await lvm.extendVolumeGroup({ volumeGroup, device: await identityOf(host, host.disks[1]) }, signal);
    const disk = async (path: string): Promise<PhysicalVolume> => {
      const found = (await lvm.physicalVolumes(signal)).find(({ device }) => device === path);
      if (found === undefined) throw new Error(`${path} is no physical volume`);
      return found;
    };
    const [from, to] = [await disk(host.disks[0]), await disk(host.disks[1])];
    const move = { volumeGroup, volume, from, first: 0, count: extents, to };
    const interrupt = (count: number) =>
      host.interruptMove({ volume: volume.path, from: from.device, extents: count, to: to.device });
    /** How many extents stand on the first and on the second disk, and whether a move is under way. */
    const places = async () => {
      const used = await lvm.usedExtents(signal);
      const on = ({ uuid }: PhysicalVolume): number =>
        used.filter((run) => run.physicalVolume === uuid).reduce((sum, { count }) => sum + count, 0);
      return { from: on(from), to: on(to), moving: used.some(({ movedFrom }) => movedFrom === from.uuid) };
    };
    return { host, lvm, volumeGroup, wanted, volume, from, to, move, interrupt, places, disk };
  };

  describe('disks of a group', () => {
    test('show what stands on them', async () => {
      const { lvm, volumeGroup, volume, from } = await bench();
      expect(await lvm.usedExtents(signal)).toEqual([
        {
          volumeGroup: volumeGroup.uuid,
          physicalVolume: from.uuid,
          first: 0,
          count: extents,
          volume: { name: 'pvc-1', uuid: volume.uuid },
          kind: 'plain',
        },
      ]);
    });

    test('get no new volumes once they are closed, until they are opened again', async () => {
      const { lvm, volumeGroup, wanted, from, to, places } = await bench();
      const change = { volumeGroup, physicalVolume: from };
      const closed = await lvm.changeAllocation({ ...change, allocatable: false }, signal);
      expect(closed).toEqual({ ...from, allocatable: false });
      expect(await lvm.changeAllocation({ ...change, allocatable: false }, signal)).toEqual(closed);
      await lvm.createLogicalVolume({ ...wanted, name: 'pvc-2', sizeBytes: 8 * mib }, signal);
      expect(await places()).toEqual({ from: extents, to: 2, moving: false });
      const rest = { ...wanted, name: 'pvc-3', sizeBytes: to.freeBytes };
      expect(await codeOf(lvm.createLogicalVolume(rest, signal))).toBe('NO_SPACE');
      expect(await lvm.changeAllocation({ ...change, allocatable: true }, signal)).toEqual(from);
      expect(await codeOf(lvm.createLogicalVolume(rest, signal))).toBe('done');
    });

    test('are emptied piece by piece while a volume is in use, which keeps its data', async () => {
      const { host, lvm, volume, move, places } = await bench();
      const release = await host.hold(volume.path);
      const piece = { ...move, first: 4, count: 4 };
      await lvm.moveExtents(piece, signal);
      expect(await places()).toEqual({ from: extents - 4, to: 4, moving: false });
      await lvm.moveExtents(piece, signal);
      expect(await places()).toEqual({ from: extents - 4, to: 4, moving: false });
      await lvm.moveExtents(move, signal);
      expect(await places()).toEqual({ from: 0, to: extents, moving: false });
      await release();
      expect(await host.read(volume.path)).toBe('kept');
      expect(await lvm.logicalVolumes(signal)).toEqual([volume]);
    });

    test('are not emptied onto one that has no room', async () => {
      const { lvm, volumeGroup, wanted, from, to, move, places } = await bench();
      await lvm.changeAllocation({ volumeGroup, physicalVolume: from, allocatable: false }, signal);
      await lvm.createLogicalVolume({ ...wanted, name: 'pvc-2', sizeBytes: to.freeBytes - 8 * mib }, signal);
      expect(await codeOf(lvm.moveExtents(move, signal))).toBe('NO_SPACE');
      expect(await places()).toMatchObject({ from: extents, moving: false });
      expect(await codeOf(lvm.moveExtents({ ...move, count: 2 }, signal))).toBe('done');
    });

    test('show a move that was cut short, during which its volume alone can’t be changed', async () => {
      const { lvm, wanted, volume, from, move, interrupt, places } = await bench();
      await interrupt(4);
      expect(await places()).toEqual({ from: extents, to: 4, moving: true });
      expect(await lvm.logicalVolumes(signal)).toEqual([volume]);
      const moving = (await lvm.usedExtents(signal)).filter(({ kind }) => kind === 'moving');
      expect(moving.map(({ count, movedFrom }) => [count, movedFrom])).toEqual([
        [4, from.uuid],
        [4, from.uuid],
      ]);
      const { uuid } = volume;
      expect(await codeOf(lvm.moveExtents(move, signal))).toBe('LV_MOVING');
      const grown = { ...wanted, uuid, sizeBytes: 128 * mib };
      expect(await codeOf(lvm.extendLogicalVolume(grown, signal))).toBe('LV_MOVING');
      expect(await codeOf(lvm.removeLogicalVolume({ ...wanted, uuid, requireTags: tags }, signal))).toBe('LV_MOVING');
      expect(await codeOf(lvm.changeLogicalVolumeTags({ ...wanted, uuid, add: ['new'] }, signal))).toBe('done');
      expect(await codeOf(lvm.createLogicalVolume({ ...wanted, name: 'pvc-2' }, signal))).toBe('done');
    });

    test('end a move that was cut short, once', async () => {
      const { host, lvm, volumeGroup, volume, from, interrupt, places } = await bench();
      const release = await host.hold(volume.path);
      await interrupt(4);
      await lvm.finishMove({ volumeGroup, from }, signal);
      expect(await places()).toEqual({ from: extents - 4, to: 4, moving: false });
      await lvm.finishMove({ volumeGroup, from }, signal);
      expect(await places()).toEqual({ from: extents - 4, to: 4, moving: false });
      await release();
      expect(await host.read(volume.path)).toBe('kept');
    });

    test('take back a move that was cut short, once', async () => {
      const { host, lvm, volumeGroup, volume, from, interrupt, places } = await bench();
      const release = await host.hold(volume.path);
      await interrupt(4);
      await lvm.abortMove({ volumeGroup, from }, signal);
      expect(await places()).toEqual({ from: extents, to: 0, moving: false });
      await lvm.abortMove({ volumeGroup, from }, signal);
      expect(await places()).toEqual({ from: extents, to: 0, moving: false });
      await release();
      expect(await host.read(volume.path)).toBe('kept');
    });

    test('take back a move of a volume that is not active', async () => {
      const { host, lvm, volumeGroup, volume, from, interrupt, places } = await bench();
      await interrupt(4);
      await host.deactivate(volume.path);
      await lvm.abortMove({ volumeGroup, from }, signal);
      expect(await places()).toEqual({ from: extents, to: 0, moving: false });
      expect(await host.read(volume.path)).toBe('kept');
    });

    test('end a move that a power loss cut short', async () => {
      const { host, lvm, volumeGroup, volume, from, interrupt, places } = await bench();
      await interrupt(4);
      await host.powerLoss();
      await lvm.finishMove({ volumeGroup, from }, signal);
      expect(await places()).toEqual({ from: extents - 4, to: 4, moving: false });
      await lvm.activateVolumeGroup(volumeGroup, signal);
      expect(await host.read(volume.path)).toBe('kept');
    });

    test('leave their group when they are empty, and then lose their label, each once', async () => {
      const { host, lvm, volumeGroup, move, from, to } = await bench();
      const reduce = () => lvm.reduceVolumeGroup({ volumeGroup, physicalVolume: from }, signal);
      const device = await identityOf(host, from.device);
      const unlabel = (changed: Partial<typeof device> = {}) =>
        codeOf(lvm.removePhysicalVolume({ uuid: from.uuid, device: { ...device, ...changed } }, signal));
      expect(await codeOf(reduce())).toBe('PV_IN_USE');
      await lvm.moveExtents(move, signal);
      expect(await unlabel()).toBe('PV_IN_USE');
      const reduced = await reduce();
      expect(reduced).toMatchObject({ uuid: volumeGroup.uuid, physicalVolumeCount: 1 });
      expect(await reduce()).toEqual(reduced);
      expect(await unlabel({ sizeBytes: device.sizeBytes + 512 })).toBe('DEVICE_CHANGED');
      expect((await lvm.physicalVolumes(signal)).map(({ uuid }) => uuid)).toContain(from.uuid);
      expect([await unlabel(), await unlabel()]).toEqual(['done', 'done']);
      expect((await lvm.physicalVolumes(signal)).map(({ uuid }) => uuid)).toEqual([to.uuid]);
      expect(await host.tools.disks.probe(from.device, signal)).toMatchObject({ blank: true, signatures: [] });
    });

    test('stay where they are the only one of their group', async () => {
      const [host] = (await freshHosts()).hosts;
      const volumeGroup = await createPool(host);
      const [physicalVolume] = await host.tools.lvm.physicalVolumes(signal);
      if (physicalVolume === undefined) throw new Error('no physical volume');
      const reduce = host.tools.lvm.reduceVolumeGroup({ volumeGroup, physicalVolume }, signal);
      expect(await codeOf(reduce)).toBe('PV_IN_USE');
    });

    test('are known by UUID and device together', async () => {
      const { host, lvm, volumeGroup, move, from, places } = await bench();
      const other = { ...from, uuid: wrongUuid };
      const moved = { ...from, device: host.disks[1] };
      const close = (physicalVolume: typeof from) =>
        codeOf(lvm.changeAllocation({ volumeGroup, physicalVolume, allocatable: false }, signal));
      const reduce = (physicalVolume: typeof from) =>
        codeOf(lvm.reduceVolumeGroup({ volumeGroup, physicalVolume }, signal));
      const start = (disk: typeof from) => codeOf(lvm.moveExtents({ ...move, from: disk }, signal));
      expect([await close(other), await reduce(other), await start(other)]).toEqual(Array(3).fill('PV_NOT_FOUND'));
      expect([await close(moved), await reduce(moved), await start(moved)]).toEqual(Array(3).fill('DEVICE_CHANGED'));
      expect(await places()).toEqual({ from: extents, to: 0, moving: false });
    });
  });
}
