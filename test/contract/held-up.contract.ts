import { describe, expect, test } from 'vitest';
import { codeOf, createPool, type FreshHosts, identityOf, signal, tags } from './bench.ts';

const mib = 1024 ** 2;
const pool = 'LocalStorage_PoolHDD';

/** What waits on a host holds up itself alone. */
export function heldUpContract(freshHosts: FreshHosts): void {
  const hostWithVolume = async () => {
    const [host] = (await freshHosts()).hosts;
    const { lvm } = host.tools;
    const volumeGroup = await createPool(host);
    const wanted = { volumeGroup, name: 'pvc-1', sizeBytes: 8 * mib, tags };
    return { host, lvm, volumeGroup, wanted, made: await lvm.createLogicalVolume(wanted, signal) };
  };

  describe('a device that is suspended', () => {
    test('is shown where it is a volume, and others are made and removed beside it', async () => {
      const { host, lvm, volumeGroup, wanted, made } = await hostWithVolume();
      const resume = await host.suspend(made.path);
      try {
        const other = await lvm.createLogicalVolume({ ...wanted, name: 'pvc-2' }, signal);
        expect(await lvm.logicalVolumes(signal)).toMatchObject([
          { name: 'pvc-1', suspended: true },
          { name: 'pvc-2', suspended: false, active: true },
        ]);
        await lvm.removeLogicalVolume({ volumeGroup, name: 'pvc-2', uuid: other.uuid, requireTags: tags }, signal);
      } finally {
        await resume();
      }
      expect(await lvm.logicalVolumes(signal)).toEqual([made]);
    });

    test('is not waited for where it is somebody else’s, and its disk is not taken', async () => {
      const { host, lvm, volumeGroup, wanted, made } = await hostWithVolume();
      const [own, covered] = host.disks;
      const device = await identityOf(host, covered);
      const uncover = await host.coverSuspended(covered);
      try {
        expect(await lvm.logicalVolumes(signal)).toEqual([made]);
        expect(await lvm.volumeGroups(signal)).toMatchObject([{ name: pool, missingPhysicalVolumeCount: 0 }]);
        expect(await lvm.physicalVolumes(signal)).toMatchObject([{ device: own, missing: false }]);
        expect(await codeOf(lvm.createLogicalVolume({ ...wanted, name: 'pvc-2' }, signal))).toBe('done');
        expect(await host.tools.disks.probe(covered, signal)).toMatchObject({ busy: expect.any(String) });
        expect(await codeOf(lvm.extendVolumeGroup({ volumeGroup, device }, signal))).toBe('DEVICE_IN_USE');
      } finally {
        await uncover();
      }
      expect(await codeOf(lvm.extendVolumeGroup({ volumeGroup, device }, signal))).toBe('done');
    });
  });

  describe('a group whose lock somebody keeps', () => {
    test('is neither shown nor changed as if it were whole, and is once the lock is free', async () => {
      const { host, lvm, wanted, made } = await hostWithVolume();
      const device = await identityOf(host, host.disks[1]);
      const second = { ...wanted, name: 'pvc-2' };
      const unlock = await host.lockGroup(pool);
      try {
        const refused = await Promise.all([
          codeOf(lvm.physicalVolumes(signal)),
          codeOf(lvm.createLogicalVolume(second, signal)),
          codeOf(lvm.createVolumeGroup({ name: 'other', device, tags: [tags[0]] }, signal)),
        ]);
        expect(refused).toEqual(refused.map(() => 'BUSY'));
      } finally {
        await unlock();
      }
      expect(await lvm.logicalVolumes(signal)).toEqual([made]);
      expect(await lvm.physicalVolumes(signal)).toMatchObject([{ device: host.disks[0] }]);
      expect(await codeOf(lvm.createLogicalVolume(second, signal))).toBe('done');
      expect((await lvm.logicalVolumes(signal)).map(({ name }) => name)).toEqual(['pvc-1', 'pvc-2']);
    });
  });
}
