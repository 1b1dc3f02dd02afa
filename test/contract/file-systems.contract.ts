import { describe, expect, test } from 'vitest';
import { codeOf, createPool, type FreshHosts, signal, tags } from './bench.ts';

const mib = 1024 ** 2;
const [staging, target] = ['/var/lib/contract/staging', '/var/lib/contract/a pod/target'];

/** Volumes become file systems that are mounted, or are handed out as they are. */
export function fileSystemsContract(freshHosts: FreshHosts): void {
  const hostWithVolume = async (sizeBytes = 16 * mib) => {
    const [host] = (await freshHosts()).hosts;
    const { lvm, fs } = host.tools;
    const volumeGroup = await createPool(host);
    const made = await lvm.createLogicalVolume({ volumeGroup, name: 'pvc-1', sizeBytes, tags }, signal);
    const { path: device } = made;
    const mounted = { device, target: staging, fsType: 'ext4', options: ['noatime'] } as const;
    return { host, lvm, fs, volumeGroup, made, device, mounted };
  };

  describe('file systems', () => {
    test.each([
      ['ext4', 16],
      ['xfs', 320],
    ] as const)('of kind %s are made on blank volumes, mounted, grown and unmounted', async (fsType, sizeMib) => {
      const { lvm, fs, volumeGroup, made, device } = await hostWithVolume(sizeMib * mib);
      await fs.format({ device, fsType }, signal);
      expect(await fs.probe(device, signal)).toMatchObject({ signatures: [{ type: fsType }], blank: false });
      const { majorMinor } = await fs.device(device, signal);
      const wanted = { device, target: staging, fsType, options: [] };
      await fs.mount(wanted, signal);
      await fs.mount(wanted, signal);
      const shown = { target: staging, device: majorMinor, kind: 'filesystem', root: '/', fsType, readOnly: false };
      expect(await mountsOf(fs, majorMinor)).toEqual([shown]);
      expect(await lvm.logicalVolumes(signal)).toMatchObject([{ open: true }]);

      const before = await fs.usage(staging, signal);
      expect(before.totalBytes).toBeGreaterThan(0.6 * sizeMib * mib);
      await lvm.extendLogicalVolume(
        { volumeGroup, name: 'pvc-1', uuid: made.uuid, sizeBytes: 2 * made.sizeBytes },
        signal,
      );
      expect((await fs.usage(staging, signal)).totalBytes).toBe(before.totalBytes);
      await fs.grow({ device, target: staging, fsType }, signal);
      await fs.grow({ device, target: staging, fsType }, signal);
      expect((await fs.usage(staging, signal)).totalBytes).toBeGreaterThan(1.5 * before.totalBytes);

      await fs.unmount(staging, signal);
      await fs.unmount(staging, signal);
      expect(await mountsOf(fs, majorMinor)).toEqual([]);
      expect(await lvm.logicalVolumes(signal)).toMatchObject([{ open: false }]);
      expect(await codeOf(fs.usage(staging, signal))).toBe('NOT_MOUNTED');
    });

    test('are not made over anything that is found, not even one of the same kind', async () => {
      const { host, fs, device } = await hostWithVolume();
      await host.makeFileSystem(device, 'ext4');
      const { signatures } = await fs.probe(device, signal);
      expect(await codeOf(fs.format({ device, fsType: 'ext4' }, signal))).toBe('SIGNATURE_FOUND');
      expect(await codeOf(fs.format({ device, fsType: 'xfs' }, signal))).toBe('SIGNATURE_FOUND');
      expect(await codeOf(fs.format({ device, fsType: 'xfs', remake: true }, signal))).toBe('SIGNATURE_FOUND');
      expect((await fs.probe(device, signal)).signatures).toEqual(signatures);
      expect(await codeOf(fs.format({ device, fsType: 'ext4', remake: true }, signal))).toBe('done');
      expect((await fs.probe(device, signal)).signatures).not.toEqual(signatures);
    });

    test('are not made on what is mounted, and not on what can’t be read', async () => {
      const { host, fs, device, mounted } = await hostWithVolume();
      await fs.format({ device, fsType: 'ext4' }, signal);
      await fs.mount(mounted, signal);
      expect(await codeOf(fs.format({ device, fsType: 'ext4', remake: true }, signal))).toBe('DEVICE_IN_USE');
      expect(await codeOf(fs.zero({ device, onProgress: () => undefined }, signal))).toBe('DEVICE_IN_USE');
      await fs.unmount(staging, signal);
      const mend = await host.failReads(host.disks[0]);
      try {
        expect(await codeOf(fs.format({ device, fsType: 'ext4', remake: true }, signal))).toBe('DEVICE_UNREADABLE');
        expect(await codeOf(fs.mount(mounted, signal))).toBe('MOUNT_REFUSED');
      } finally {
        await mend();
      }
    });

    test('are shown at a second place, read-only or not, for as long as they are mounted', async () => {
      const { fs, device, mounted } = await hostWithVolume();
      const bound = { device, source: { folder: staging }, target, readOnly: true };
      await fs.format({ device, fsType: 'ext4' }, signal);
      expect(await codeOf(fs.bind(bound, signal))).toBe('NOT_MOUNTED');
      await fs.mount(mounted, signal);
      await fs.bind(bound, signal);
      await fs.bind(bound, signal);
      const { majorMinor } = await fs.device(device, signal);
      expect(await mountsOf(fs, majorMinor)).toMatchObject([
        { target: staging, readOnly: false },
        { target, readOnly: true },
      ]);
      expect(await codeOf(fs.bind({ ...bound, readOnly: false }, signal))).toBe('TARGET_IN_USE');
      await fs.unmount(target, signal);
      await fs.bind({ ...bound, readOnly: false }, signal);
      expect(await mountsOf(fs, majorMinor)).toMatchObject([{ target: staging }, { target, readOnly: false }]);
      await fs.unmount(target, signal);
      await fs.unmount(staging, signal);
    });

    test('leave alone what else is mounted at their place', async () => {
      const { lvm, fs, volumeGroup, device, mounted } = await hostWithVolume();
      const other = await lvm.createLogicalVolume({ volumeGroup, name: 'pvc-2', sizeBytes: 16 * mib, tags }, signal);
      for (const path of [device, other.path]) await fs.format({ device: path, fsType: 'ext4' }, signal);
      await fs.mount(mounted, signal);
      expect(await codeOf(fs.mount({ ...mounted, device: other.path }, signal))).toBe('TARGET_IN_USE');
      await fs.unmount(staging, signal);
    });

    test('are gone from the table of mounts after a power loss, not from the volume', async () => {
      const { host, lvm, fs, volumeGroup, device, mounted } = await hostWithVolume();
      await fs.format({ device, fsType: 'ext4' }, signal);
      await fs.mount(mounted, signal);
      await host.powerLoss();
      await lvm.activateVolumeGroup(volumeGroup, signal);
      expect(await mountsOf(fs, (await fs.device(device, signal)).majorMinor)).toEqual([]);
      await fs.mount(mounted, signal);
      await fs.unmount(staging, signal);
    });
  });

  describe('raw volumes', () => {
    test('are zeroed whole, bound onto a file, and let go', async () => {
      const { host, lvm, fs, device } = await hostWithVolume();
      await host.write(device, 'of an earlier tenant');
      const progress: number[] = [];
      await fs.zero({ device, onProgress: (done, all) => void progress.push(done / all) }, signal);
      expect(progress.at(-1)).toBe(1);
      expect(await host.read(device)).not.toBe('of an earlier tenant');
      expect(await fs.probe(device, signal)).toMatchObject({ blank: true, edgesZero: true });

      const bound = { device, source: 'device', target, readOnly: false } as const;
      await fs.bind(bound, signal);
      await fs.bind(bound, signal);
      const { majorMinor } = await fs.device(device, signal);
      expect(await mountsOf(fs, majorMinor)).toMatchObject([{ target, kind: 'device', device: majorMinor }]);
      await fs.unmount(target, signal);
      expect(await mountsOf(fs, majorMinor)).toEqual([]);
      expect(await lvm.logicalVolumes(signal)).toMatchObject([{ open: false }]);
    });

    test('are not looked for where no such device is', async () => {
      const { fs } = await hostWithVolume();
      const device = '/dev/LocalStorage_PoolHDD/pvc-9';
      expect(await codeOf(fs.device(device, signal))).toBe('DEVICE_NOT_FOUND');
      expect(await codeOf(fs.format({ device, fsType: 'ext4' }, signal))).toBe('DEVICE_NOT_FOUND');
      expect(await codeOf(fs.bind({ device, source: 'device', target, readOnly: false }, signal))).toBe(
        'DEVICE_NOT_FOUND',
      );
    });
  });
}

const mountsOf = async (fs: Awaited<ReturnType<FreshHosts>>['hosts'][0]['tools']['fs'], majorMinor: string) =>
  (await fs.mounts(signal)).filter(({ device }) => device === majorMinor);
