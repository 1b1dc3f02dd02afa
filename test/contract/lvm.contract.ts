import { describe, expect, test } from 'vitest';
import { unwipedTag } from '../../src/api/tags.ts';
import { codeOf, type ContractHost, createPool, type FreshHosts, identityOf, signal, tags } from './bench.ts';

const mib = 1024 ** 2;
const pool = 'LocalStorage_PoolHDD';
const wrongUuid = 'aaaaaa-bbbb-cccc-dddd-eeee-ffff-gggggg';

export function lvmContract(freshHosts: FreshHosts): void {
  const host = async (): Promise<ContractHost> => (await freshHosts()).hosts[0];
  const hostWithPool = async () => {
    const fresh = await host();
    return { host: fresh, lvm: fresh.tools.lvm, volumeGroup: await createPool(fresh) };
  };

  describe('volume groups', () => {
    test('a blank disk becomes a group with its tags, once', async () => {
      const fresh = await host();
      const made = await createPool(fresh);
      expect(made).toMatchObject({ name: pool, physicalVolumeCount: 1, logicalVolumeCount: 0, tags: [tags[0]] });
      expect(made.sizeBytes % made.extentSizeBytes).toBe(0);
      expect(made.freeBytes).toBe(made.sizeBytes);
      expect(await createPool(fresh)).toEqual(made);
      expect(await fresh.tools.lvm.volumeGroups(signal)).toEqual([made]);
      expect(await fresh.tools.lvm.physicalVolumes(signal)).toMatchObject([
        { device: fresh.disks[0], volumeGroup: { name: pool, uuid: made.uuid }, missing: false, duplicate: false },
      ]);
    });

    test('a disk with a file system is refused and stays as it is', async () => {
      const fresh = await host();
      await fresh.makeFileSystem(fresh.disks[0], 'ext4');
      const before = await fresh.fingerprint(fresh.disks[0]);
      expect(await codeOf(createPool(fresh))).toBe('SIGNATURE_FOUND');
      expect(await fresh.fingerprint(fresh.disks[0])).toBe(before);
      expect(await fresh.tools.lvm.volumeGroups(signal)).toEqual([]);
    });

    test('a disk that somebody has open is refused', async () => {
      const { host, lvm, volumeGroup } = await hostWithPool();
      const { path } = await lvm.createLogicalVolume({ volumeGroup, name: 'pvc-1', sizeBytes: 64 * mib, tags }, signal);
      const device = await identityOf(host, host.disks[0]);
      expect(await codeOf(lvm.createVolumeGroup({ name: 'other', device, tags: [] }, signal))).toBe('DEVICE_IN_USE');
      expect((await lvm.logicalVolumes(signal)).map((volume) => volume.path)).toEqual([path]);
    });

    test('a disk that is no longer the one that was meant is refused', async () => {
      const fresh = await host();
      const device = await identityOf(fresh, fresh.disks[0]);
      const create = (changed: Partial<typeof device>) =>
        codeOf(
          fresh.tools.lvm.createVolumeGroup({ name: pool, device: { ...device, ...changed }, tags: [tags[0]] }, signal),
        );
      expect(await create({ sizeBytes: device.sizeBytes + 512 })).toBe('DEVICE_CHANGED');
      expect(await create({ majorMinor: '7:77' })).toBe('DEVICE_CHANGED');
      expect(await create({ serial: 'of another disk' })).toBe('DEVICE_CHANGED');
      expect(await create({ path: '/dev/sdzz' })).toBe('DEVICE_NOT_FOUND');
      expect(await fresh.tools.lvm.physicalVolumes(signal)).toEqual([]);
    });

    test('a name that is taken is refused', async () => {
      const { host, lvm } = await hostWithPool();
      const device = await identityOf(host, host.disks[1]);
      expect(await codeOf(lvm.createVolumeGroup({ name: pool, device, tags: [tags[0]] }, signal))).toBe('VG_EXISTS');
    });

    test('a second disk extends it, once', async () => {
      const { host, lvm, volumeGroup } = await hostWithPool();
      const device = await identityOf(host, host.disks[1]);
      const extended = await lvm.extendVolumeGroup({ volumeGroup, device }, signal);
      expect(extended).toMatchObject({ uuid: volumeGroup.uuid, physicalVolumeCount: 2 });
      expect(extended.freeBytes).toBeGreaterThan(volumeGroup.freeBytes);
      expect(await lvm.extendVolumeGroup({ volumeGroup, device }, signal)).toEqual(extended);
    });

    test('a disk with a file system does not extend it', async () => {
      const { host, lvm, volumeGroup } = await hostWithPool();
      await host.makeFileSystem(host.disks[1], 'ext4');
      const before = await host.fingerprint(host.disks[1]);
      const device = await identityOf(host, host.disks[1]);
      expect(await codeOf(lvm.extendVolumeGroup({ volumeGroup, device }, signal))).toBe('SIGNATURE_FOUND');
      expect(await host.fingerprint(host.disks[1])).toBe(before);
    });

    test('a group is known by its UUID, not its name alone', async () => {
      const { lvm, volumeGroup } = await hostWithPool();
      const other = { name: volumeGroup.name, uuid: wrongUuid };
      const absent = { name: 'no-such-group', uuid: wrongUuid };
      expect(await codeOf(lvm.changeVolumeGroupTags({ volumeGroup: other, add: ['x'] }, signal))).toBe('VG_CHANGED');
      expect(await codeOf(lvm.changeVolumeGroupTags({ volumeGroup: absent, add: ['x'] }, signal))).toBe('VG_NOT_FOUND');
      expect(await codeOf(lvm.activateVolumeGroup(other, signal))).toBe('VG_CHANGED');
      const create = lvm.createLogicalVolume({ volumeGroup: other, name: 'pvc-1', sizeBytes: mib, tags }, signal);
      expect(await codeOf(create)).toBe('VG_CHANGED');
    });

    test('tags are added and removed, once', async () => {
      const { lvm, volumeGroup } = await hostWithPool();
      const change = { volumeGroup, add: ['hwameistor.io/a=1'], remove: [tags[0]] };
      expect(await lvm.changeVolumeGroupTags(change, signal)).toMatchObject({ tags: ['hwameistor.io/a=1'] });
      expect(await lvm.changeVolumeGroupTags(change, signal)).toMatchObject({ tags: ['hwameistor.io/a=1'] });
      expect(await codeOf(lvm.changeVolumeGroupTags({ volumeGroup, add: ['a b'] }, signal))).toBe('BAD_TAG');
    });
  });

  describe('a disk of a group', () => {
    /** A group of both disks, with a volume on each. */
    const groupOfTwo = async () => {
      const { host, lvm, volumeGroup } = await hostWithPool();
      const device = await identityOf(host, host.disks[1]);
      const { freeBytes } = volumeGroup;
      const first = await lvm.createLogicalVolume({ volumeGroup, name: 'pvc-1', sizeBytes: freeBytes, tags }, signal);
      await lvm.extendVolumeGroup({ volumeGroup, device }, signal);
      const second = await lvm.createLogicalVolume({ volumeGroup, name: 'pvc-2', sizeBytes: 8 * mib, tags }, signal);
      await host.write(second.path, 'kept');
      const physical = (await lvm.physicalVolumes(signal)).find(({ device }) => device === host.disks[1]);
      return { host, lvm, volumeGroup, first, second, uuid: physical?.uuid ?? '' };
    };

    test('is known by its number, and the kernel’s table of a volume names it', async () => {
      const { host, lvm, first, second } = await groupOfTwo();
      const numbers = await Promise.all(host.disks.map(async (path) => (await identityOf(host, path)).majorMinor));
      expect(await lvm.physicalVolumes(signal)).toMatchObject(numbers.map((majorMinor) => ({ majorMinor })));
      expect(await lvm.mappings(signal)).toEqual(
        [
          { uuid: first.uuid, devices: [numbers[0]] },
          { uuid: second.uuid, devices: [numbers[1]] },
        ].sort((a, b) => (a.uuid < b.uuid ? -1 : 1)),
      );
    });

    test('that is not there hurts the volumes on it alone, and lets nothing be made', async () => {
      const { host, lvm, volumeGroup, uuid, first, second } = await groupOfTwo();
      const mend = await host.failReads(host.disks[1]);
      expect(await lvm.volumeGroups(signal)).toMatchObject([{ missingPhysicalVolumeCount: 1 }]);
      expect(await lvm.physicalVolumes(signal)).toMatchObject([
        { device: host.disks[0], missing: false },
        { device: '[unknown]', uuid, missing: true },
      ]);
      expect(await lvm.logicalVolumes(signal)).toMatchObject([
        { uuid: first.uuid, health: '' },
        { uuid: second.uuid, health: 'partial' },
      ]);
      const create = lvm.createLogicalVolume({ volumeGroup, name: 'pvc-3', sizeBytes: 8 * mib, tags }, signal);
      expect(await codeOf(create)).toBe('PV_MISSING');
      const larger = { volumeGroup, name: 'pvc-1', uuid: first.uuid, sizeBytes: first.sizeBytes + 8 * mib };
      expect(await codeOf(lvm.extendLogicalVolume(larger, signal))).toBe('PV_MISSING');
      const [healthy] = await lvm.physicalVolumes(signal);
      if (healthy === undefined) throw new Error('no physical volume');
      const close = { volumeGroup, physicalVolume: healthy, allocatable: false };
      expect(await codeOf(lvm.changeAllocation(close, signal))).toBe('PV_MISSING');
      expect(await codeOf(lvm.restorePhysicalVolume({ volumeGroup, uuid }, signal))).toBe('DEVICE_NOT_FOUND');
      await mend();
    });

    test('that is not there is still counted, and volumes are marked, activated and removed all the same', async () => {
      const { host, lvm, volumeGroup, uuid, first, second } = await groupOfTwo();
      const [before] = await lvm.volumeGroups(signal);
      const diskBefore = (await lvm.physicalVolumes(signal)).find((disk) => disk.uuid === uuid);
      const mend = await host.failReads(host.disks[1]);
      const { sizeBytes, freeBytes, logicalVolumeCount } = before ?? volumeGroup;
      expect(await lvm.volumeGroups(signal)).toMatchObject([{ sizeBytes, freeBytes, logicalVolumeCount }]);
      expect((await lvm.physicalVolumes(signal)).find((disk) => disk.uuid === uuid)).toMatchObject({
        sizeBytes: diskBefore?.sizeBytes,
        freeBytes: diskBefore?.freeBytes,
        deviceSizeBytes: 0,
      });

      for (const { name, uuid } of [first, second]) {
        const change = { volumeGroup, name, uuid, add: ['hwameistor.io/deleting=yes'], remove: [tags[0]] };
        const wanted = ['hwameistor.io/deleting=yes', tags[1]];
        expect((await lvm.changeLogicalVolumeTags(change, signal)).tags).toEqual(wanted);
      }
      const retagged = await lvm.changeVolumeGroupTags({ volumeGroup, add: ['hwameistor.io/node=n'] }, signal);
      expect(retagged.tags).toContain('hwameistor.io/node=n');
      await host.deactivate(first.path);
      expect(await codeOf(lvm.activateVolumeGroup(volumeGroup, signal))).toBe('done');
      expect((await lvm.logicalVolumes(signal)).find(({ name }) => name === 'pvc-1')).toMatchObject({ active: true });
      for (const { name, uuid } of [second, first])
        await lvm.removeLogicalVolume({ volumeGroup, name, uuid, requireTags: [tags[1]] }, signal);
      expect(await lvm.logicalVolumes(signal)).toEqual([]);

      // A disk on which nothing stands is taken back by lvm itself.
      await mend();
      expect(await lvm.physicalVolumes(signal)).toMatchObject([{ missing: false }, { uuid, missing: false }]);
      const whole = { sizeBytes, freeBytes: sizeBytes, missingPhysicalVolumeCount: 0 };
      expect(await lvm.restorePhysicalVolume({ volumeGroup, uuid }, signal)).toMatchObject(whole);
      const wanted = { volumeGroup, name: 'pvc-3', sizeBytes, tags };
      expect(await lvm.createLogicalVolume(wanted, signal)).toMatchObject({ health: '' });
      expect(await lvm.physicalVolumes(signal)).toMatchObject([{ missing: false }, { uuid, missing: false }]);
    });

    test('that comes back while the group stayed as it was is no longer missing', async () => {
      const { host, lvm, volumeGroup, uuid, second } = await groupOfTwo();
      await (
        await host.failReads(host.disks[1])
      )();
      expect(await codeOf(lvm.restorePhysicalVolume({ volumeGroup, uuid }, signal))).toBe('done');
      expect(await host.read(second.path)).toBe('kept');
    });

    test('that comes back after the group was changed is missing until it is restored, once', async () => {
      const { host, lvm, volumeGroup, uuid, first, second } = await groupOfTwo();
      const mend = await host.failReads(host.disks[1]);
      await lvm.removeLogicalVolume({ volumeGroup, name: 'pvc-1', uuid: first.uuid, requireTags: tags }, signal);
      await mend();
      expect(await lvm.physicalVolumes(signal)).toMatchObject([
        { missing: false },
        { device: host.disks[1], uuid, missing: true },
      ]);
      const restored = await lvm.restorePhysicalVolume({ volumeGroup, uuid }, signal);
      expect(restored).toMatchObject({ uuid: volumeGroup.uuid, missingPhysicalVolumeCount: 0 });
      expect(await lvm.restorePhysicalVolume({ volumeGroup, uuid }, signal)).toEqual(restored);
      expect(await codeOf(lvm.refreshLogicalVolumes({ volumeGroup, uuids: [second.uuid] }, signal))).toBe('done');
      expect(await lvm.logicalVolumes(signal)).toMatchObject([{ uuid: second.uuid, health: '', active: true }]);
      expect(await host.read(second.path)).toBe('kept');
      expect(
        await codeOf(lvm.createLogicalVolume({ volumeGroup, name: 'pvc-3', sizeBytes: 8 * mib, tags }, signal)),
      ).toBe('done');
    });

    test('that is none of the group’s is not restored or resized', async () => {
      const { lvm, volumeGroup } = await hostWithPool();
      expect(await codeOf(lvm.restorePhysicalVolume({ volumeGroup, uuid: wrongUuid }, signal))).toBe(
        'DEVICE_NOT_FOUND',
      );
      expect(await codeOf(lvm.resizePhysicalVolume({ volumeGroup, uuid: wrongUuid }, signal))).toBe('DEVICE_NOT_FOUND');
      const [only] = await lvm.physicalVolumes(signal);
      const other = { volumeGroup: { ...volumeGroup, uuid: wrongUuid }, uuid: only?.uuid ?? '' };
      expect(await codeOf(lvm.restorePhysicalVolume(other, signal))).toBe('VG_CHANGED');
    });

    test('whose device has more room than the group uses is resized, once', async () => {
      const { host, lvm, volumeGroup } = await hostWithPool();
      const [physical] = await lvm.physicalVolumes(signal);
      const wanted = { volumeGroup, uuid: physical?.uuid ?? '' };
      expect(await lvm.resizePhysicalVolume(wanted, signal)).toEqual(volumeGroup);
      await host.shrinkPhysicalVolume(host.disks[0]);
      const [small] = await lvm.volumeGroups(signal);
      expect(small?.sizeBytes).toBe(248 * mib);
      expect(await lvm.resizePhysicalVolume(wanted, signal)).toEqual(volumeGroup);
      expect(await lvm.resizePhysicalVolume(wanted, signal)).toEqual(volumeGroup);
    });

    test('that has a byte copy is neither restored nor resized', async () => {
      const { host, lvm, volumeGroup } = await hostWithPool();
      const [physical] = await lvm.physicalVolumes(signal);
      const wanted = { volumeGroup, uuid: physical?.uuid ?? '' };
      await host.copyDisk(host.disks[0], host.disks[1]);
      expect(await codeOf(lvm.resizePhysicalVolume(wanted, signal))).toBe('PV_DUPLICATE');
      expect(await codeOf(lvm.restorePhysicalVolume(wanted, signal))).toBe('PV_DUPLICATE');
    });

    test('of a GiB or more leaves room in LVM’s metadata for a thousand volumes', async () => {
      const { lvm, volumeGroup } = await hostWithPool();
      const [physical] = await lvm.physicalVolumes(signal);
      const roomy = (physical?.deviceSizeBytes ?? 0) >= 1024 * mib;
      expect(physical?.firstExtentBytes).toBe(roomy ? 8 * mib : mib);
      expect(volumeGroup.metadataSizeBytes).toBe(roomy ? 8_384_512 : 1_044_480);
    });
  });

  describe('logical volumes', () => {
    test('are rounded up to extents, tagged, active and blank', async () => {
      const { host, lvm, volumeGroup } = await hostWithPool();
      const made = await lvm.createLogicalVolume({ volumeGroup, name: 'pvc-1', sizeBytes: 65 * mib, tags }, signal);
      expect(made).toMatchObject({
        name: 'pvc-1',
        volumeGroup: { name: pool, uuid: volumeGroup.uuid },
        sizeBytes: 68 * mib,
        path: `/dev/${pool}/pvc-1`,
        deviceMapperPath: `/dev/mapper/${pool}-pvc--1`,
        active: true,
        open: false,
        health: '',
        tags: [...tags],
      });
      expect(await lvm.logicalVolumes(signal)).toEqual([made]);
      expect(await host.tools.fs.probe(made.path, signal)).toMatchObject({ readable: true, blank: true });
    });

    test('are made once, also by two calls at a time', async () => {
      const { lvm, volumeGroup } = await hostWithPool();
      const create = () => lvm.createLogicalVolume({ volumeGroup, name: 'pvc-1', sizeBytes: 8 * mib, tags }, signal);
      const [one, two] = await Promise.all([create(), create()]);
      expect(one).toEqual(two);
      expect(await create()).toEqual(one);
      expect(await lvm.logicalVolumes(signal)).toEqual([one]);
    });

    test('of somebody else keep their name and content', async () => {
      const { host, lvm, volumeGroup } = await hostWithPool();
      const theirs = await lvm.createLogicalVolume(
        { volumeGroup, name: 'pvc-1', sizeBytes: 8 * mib, tags: ['hwameistor.io/volume=other'] },
        signal,
      );
      await host.write(theirs.path, 'theirs');
      const create = lvm.createLogicalVolume({ volumeGroup, name: 'pvc-1', sizeBytes: 8 * mib, tags }, signal);
      expect(await codeOf(create)).toBe('LV_NOT_OURS');
      const remove = { volumeGroup, name: 'pvc-1', uuid: theirs.uuid, requireTags: tags };
      expect(await codeOf(lvm.removeLogicalVolume(remove, signal))).toBe('LV_NOT_OURS');
      expect(await lvm.logicalVolumes(signal)).toEqual([theirs]);
      expect(await host.read(theirs.path)).toBe('theirs');
    });

    test('that exist smaller than asked for are not taken for done', async () => {
      const { lvm, volumeGroup } = await hostWithPool();
      const create = (sizeBytes: number) =>
        lvm.createLogicalVolume({ volumeGroup, name: 'pvc-1', sizeBytes, tags }, signal);
      await create(8 * mib);
      expect(await codeOf(create(16 * mib))).toBe('LV_TOO_SMALL');
    });

    test('that do not fit leave nothing behind', async () => {
      const { lvm, volumeGroup } = await hostWithPool();
      const sizeBytes = volumeGroup.freeBytes + volumeGroup.extentSizeBytes;
      const create = lvm.createLogicalVolume({ volumeGroup, name: 'pvc-1', sizeBytes, tags }, signal);
      expect(await codeOf(create)).toBe('NO_SPACE');
      expect(await lvm.logicalVolumes(signal)).toEqual([]);
      expect(await lvm.volumeGroups(signal)).toEqual([volumeGroup]);
    });

    test('with a name, size or tag that lvm would not take are refused before anything is made', async () => {
      const { lvm, volumeGroup } = await hostWithPool();
      const good = { volumeGroup, name: 'pvc-1', sizeBytes: 4 * mib, tags };
      const create = (bad: Partial<typeof good> | { tags: string[] }) =>
        codeOf(lvm.createLogicalVolume({ ...good, ...bad }, signal));
      expect(await create({ name: 'snapshot1' }), 'a reserved prefix').toBe('BAD_NAME');
      expect(await create({ name: 'a b' }), 'a space').toBe('BAD_NAME');
      expect(await create({ name: '-a' }), 'a leading hyphen').toBe('BAD_NAME');
      expect(await create({ name: `a${'-'.repeat(62)}` }), 'more hyphens than fit when doubled').toBe('BAD_NAME');
      expect(await create({ sizeBytes: 0 })).toBe('BAD_SIZE');
      expect(await create({ sizeBytes: -4096 })).toBe('BAD_SIZE');
      expect(await create({ tags: ['a b'] }), 'a tag with a space').toBe('BAD_TAG');
      expect(await lvm.logicalVolumes(signal)).toEqual([]);
    });

    test('grow, never shrink, and keep their data', async () => {
      const { host, lvm, volumeGroup } = await hostWithPool();
      const { uuid, path } = await lvm.createLogicalVolume(
        { volumeGroup, name: 'pvc-1', sizeBytes: 8 * mib, tags },
        signal,
      );
      await host.write(path, 'kept');
      const extend = (sizeBytes: number) =>
        lvm.extendLogicalVolume({ volumeGroup, name: 'pvc-1', uuid, sizeBytes }, signal);
      expect(await extend(13 * mib)).toMatchObject({ uuid, sizeBytes: 16 * mib });
      expect(await extend(13 * mib)).toMatchObject({ sizeBytes: 16 * mib });
      expect(await extend(4 * mib)).toMatchObject({ sizeBytes: 16 * mib });
      expect(await codeOf(extend(volumeGroup.sizeBytes + 16 * mib))).toBe('NO_SPACE');
      expect(await host.read(path)).toBe('kept');
    });

    test('are removed by name, UUID and tags together, once', async () => {
      const { lvm, volumeGroup } = await hostWithPool();
      const { uuid } = await lvm.createLogicalVolume({ volumeGroup, name: 'pvc-1', sizeBytes: 8 * mib, tags }, signal);
      const remove = (uuid: string) =>
        lvm.removeLogicalVolume({ volumeGroup, name: 'pvc-1', uuid, requireTags: tags }, signal);
      expect(await codeOf(remove(wrongUuid))).toBe('LV_CHANGED');
      const badly = lvm.removeLogicalVolume({ volumeGroup, name: 'pvc-1', uuid, requireTags: ['a b'] }, signal);
      expect(await codeOf(badly)).toBe('BAD_TAG');
      expect(await codeOf(remove(uuid))).toBe('done');
      expect(await codeOf(remove(uuid))).toBe('done');
      expect(await lvm.volumeGroups(signal)).toEqual([volumeGroup]);
    });

    test('are not removed while somebody has them open', async () => {
      const { host, lvm, volumeGroup } = await hostWithPool();
      const { uuid, path } = await lvm.createLogicalVolume(
        { volumeGroup, name: 'pvc-1', sizeBytes: 8 * mib, tags },
        signal,
      );
      const release = await host.hold(path);
      const remove = () => lvm.removeLogicalVolume({ volumeGroup, name: 'pvc-1', uuid, requireTags: tags }, signal);
      expect(await codeOf(remove())).toBe('DEVICE_IN_USE');
      expect(await lvm.logicalVolumes(signal)).toMatchObject([{ uuid, open: true }]);
      await release();
      expect(await codeOf(remove())).toBe('done');
    });

    test('are removed right after they were written to, whoever looks at them then', async () => {
      const { host, lvm, volumeGroup } = await hostWithPool();
      const wanted = { volumeGroup, name: 'pvc-1', sizeBytes: 8 * mib, tags };
      for (let times = 0; times < 5; times++) {
        const { uuid, path } = await lvm.createLogicalVolume(wanted, signal);
        await host.write(path, 'precious');
        await lvm.removeLogicalVolume({ ...wanted, uuid, requireTags: tags }, signal);
      }
      expect(await lvm.logicalVolumes(signal)).toEqual([]);
    });

    test('made where another was removed show nothing of it to a probe', async () => {
      const { host, lvm, volumeGroup } = await hostWithPool();
      const wanted = { volumeGroup, name: 'pvc-1', sizeBytes: 64 * mib, tags };
      const first = await lvm.createLogicalVolume(wanted, signal);
      await host.makeFileSystem(first.path, 'ext4');
      await lvm.removeLogicalVolume({ ...wanted, uuid: first.uuid, requireTags: tags }, signal);
      const second = await lvm.createLogicalVolume(wanted, signal);
      expect(second.uuid).not.toBe(first.uuid);
      expect(await host.tools.fs.probe(second.path, signal)).toMatchObject({ blank: true, signatures: [] });
    });

    /** What an lvcreate left that died over extents in which a file system of an earlier volume stands. */
    const interrupted = async () => {
      const bench = await hostWithPool();
      const { host, lvm, volumeGroup } = bench;
      const wanted = { volumeGroup, name: 'pvc-1', sizeBytes: 64 * mib, tags };
      const earlier = await lvm.createLogicalVolume(wanted, signal);
      await host.makeFileSystem(earlier.path, 'ext4');
      await lvm.removeLogicalVolume({ ...wanted, uuid: earlier.uuid, requireTags: tags }, signal);
      await host.interruptCreation(wanted);
      const [left] = await lvm.logicalVolumes(signal);
      expect(left).toMatchObject({ name: 'pvc-1', active: false, tags: [...tags, unwipedTag].sort() });
      return { ...bench, wanted, left };
    };

    test('whose making was cut short before they were wiped are made anew, and show nothing of earlier ones', async () => {
      const { host, lvm, wanted, left } = await interrupted();
      const made = await lvm.createLogicalVolume(wanted, signal);
      expect(made).toMatchObject({ active: true, tags: [...tags] });
      expect(made.uuid).not.toBe(left?.uuid);
      expect(await lvm.logicalVolumes(signal)).toEqual([made]);
      expect(await host.tools.fs.probe(made.path, signal)).toMatchObject({ blank: true, signatures: [] });
    });

    test('whose making was cut short go when their group is activated', async () => {
      const { lvm, volumeGroup } = await interrupted();
      await lvm.activateVolumeGroup(volumeGroup, signal);
      expect(await lvm.logicalVolumes(signal)).toEqual([]);
      expect(await lvm.volumeGroups(signal)).toEqual([volumeGroup]);
    });

    test('whose making was cut short are removed like others', async () => {
      const { lvm, wanted, left } = await interrupted();
      await lvm.removeLogicalVolume({ ...wanted, uuid: left?.uuid ?? '', requireTags: tags }, signal);
      expect(await lvm.logicalVolumes(signal)).toEqual([]);
    });

    test('that are there and not active are activated, not taken for done, and removed as they are', async () => {
      const { host, lvm, volumeGroup } = await hostWithPool();
      const wanted = { volumeGroup, name: 'pvc-1', sizeBytes: 8 * mib, tags };
      const made = await lvm.createLogicalVolume(wanted, signal);
      await host.write(made.path, 'kept');
      await host.deactivate(made.path);
      expect(await lvm.logicalVolumes(signal)).toMatchObject([
        { uuid: made.uuid, active: false, open: false, suspended: false },
      ]);
      expect(await lvm.createLogicalVolume(wanted, signal)).toMatchObject({ uuid: made.uuid, active: true });
      expect(await host.read(made.path)).toBe('kept');
      await host.deactivate(made.path);
      await lvm.removeLogicalVolume({ ...wanted, uuid: made.uuid, requireTags: tags }, signal);
      expect(await lvm.logicalVolumes(signal)).toEqual([]);
    });

    test('change their tags in one step, once', async () => {
      const { lvm, volumeGroup } = await hostWithPool();
      const { uuid } = await lvm.createLogicalVolume({ volumeGroup, name: 'pvc-1', sizeBytes: 8 * mib, tags }, signal);
      const change = { volumeGroup, name: 'pvc-1', uuid, add: ['hwameistor.io/epoch=2'], remove: [tags[1]] };
      const wanted = ['hwameistor.io/cluster=c1', 'hwameistor.io/epoch=2'];
      expect((await lvm.changeLogicalVolumeTags(change, signal)).tags).toEqual(wanted);
      expect((await lvm.changeLogicalVolumeTags(change, signal)).tags).toEqual(wanted);
      const other = lvm.changeLogicalVolumeTags({ ...change, uuid: wrongUuid }, signal);
      expect(await codeOf(other)).toBe('LV_CHANGED');
      const absent = lvm.changeLogicalVolumeTags({ ...change, name: 'pvc-2' }, signal);
      expect(await codeOf(absent)).toBe('LV_NOT_FOUND');
    });

    test('of a disk that has a byte copy can’t be changed, and what is there already is success', async () => {
      const { host, lvm, volumeGroup } = await hostWithPool();
      const wanted = { volumeGroup, name: 'pvc-1', sizeBytes: 8 * mib, tags };
      const { uuid } = await lvm.createLogicalVolume(wanted, signal);
      await host.copyDisk(host.disks[0], host.disks[1]);
      const tagVolume = (add: string) => codeOf(lvm.changeLogicalVolumeTags({ ...wanted, uuid, add: [add] }, signal));
      const tagGroup = (add: string) => codeOf(lvm.changeVolumeGroupTags({ volumeGroup, add: [add] }, signal));
      expect([await tagVolume('new'), await tagGroup('new')]).toEqual(['PV_DUPLICATE', 'PV_DUPLICATE']);
      expect([await tagVolume(tags[1]), await tagGroup(tags[0])]).toEqual(['done', 'done']);
      expect(await codeOf(lvm.createLogicalVolume(wanted, signal))).toBe('done');
      expect(await codeOf(lvm.createLogicalVolume({ ...wanted, name: 'pvc-2' }, signal))).toBe('PV_DUPLICATE');
    });

    test('outlive a power loss with tags and data, and are usable once activated', async () => {
      const { host, lvm, volumeGroup } = await hostWithPool();
      const made = await lvm.createLogicalVolume({ volumeGroup, name: 'pvc-1', sizeBytes: 8 * mib, tags }, signal);
      await host.write(made.path, 'kept');
      await host.powerLoss();
      expect(await lvm.logicalVolumes(signal)).toMatchObject([{ uuid: made.uuid, tags: made.tags }]);
      await lvm.activateVolumeGroup(volumeGroup, signal);
      await lvm.activateVolumeGroup(volumeGroup, signal);
      expect(await lvm.logicalVolumes(signal)).toEqual([made]);
      expect(await host.read(made.path)).toBe('kept');
    });
  });
}
