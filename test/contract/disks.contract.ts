import { describe, expect, test } from 'vitest';
import { codeOf, createPool, type FreshHosts, identityOf, signal, tags } from './bench.ts';

export function disksContract(freshHosts: FreshHosts): void {
  describe('disks', () => {
    test('a new disk is shown, free and blank', async () => {
      const [host] = (await freshHosts()).hosts;
      const [path] = host.disks;
      const device = (await host.tools.disks.scan(signal)).find((device) => device.path === path);
      expect(device).toMatchObject({ type: 'disk', readOnly: false, mountPoints: [], holders: [], children: [] });
      const probe = await host.tools.disks.probe(path, signal);
      expect(probe).toMatchObject({ readable: true, signatures: [], ambivalent: false, blank: true });
      expect(probe.busy).toBeUndefined();
      expect(probe).toMatchObject({ majorMinor: device?.majorMinor, sizeBytes: device?.sizeBytes });
    });

    test('a disk with a file system is not blank', async () => {
      const [host] = (await freshHosts()).hosts;
      await host.makeFileSystem(host.disks[0], 'ext4');
      const probe = await host.tools.disks.probe(host.disks[0], signal);
      expect(probe).toMatchObject({ readable: true, blank: false });
      expect(probe.signatures.map(({ type }) => type)).toEqual(['ext4']);
    });

    test('a disk whose logical volumes are active is held, and shown as a parent', async () => {
      const [host] = (await freshHosts()).hosts;
      const volumeGroup = await createPool(host);
      await host.tools.lvm.createLogicalVolume({ volumeGroup, name: 'pvc-1', sizeBytes: 4 << 20, tags }, signal);
      const devices = await host.tools.disks.scan(signal);
      const disk = devices.find(({ path }) => path === host.disks[0]);
      const volume = devices.find(({ type }) => type === 'lvm');
      expect(disk?.holders).toEqual([volume?.kernelName]);
      expect(disk?.children).toEqual([volume?.kernelName]);
      expect(volume?.parent).toBe(disk?.kernelName);
      expect((await host.tools.disks.probe(host.disks[0], signal)).busy).toBeDefined();
    });

    test('a physical volume is in use though nothing has it open', async () => {
      const [host] = (await freshHosts()).hosts;
      await createPool(host);
      const probe = await host.tools.disks.probe(host.disks[0], signal);
      expect(probe.blank).toBe(false);
      expect(probe.signatures.map(({ type }) => type)).toEqual(['LVM2_member']);
    });

    test('a path that leads nowhere is an error, not a blank disk', async () => {
      const [host] = (await freshHosts()).hosts;
      expect(await codeOf(host.tools.disks.probe('/dev/sdzz', signal))).toBe('DEVICE_NOT_FOUND');
      expect(await codeOf(host.tools.fs.probe('/dev/nowhere/at-all', signal))).toBe('DEVICE_NOT_FOUND');
    });

    test('two looks at an unchanged host are equal', async () => {
      const [host] = (await freshHosts()).hosts;
      expect(await host.tools.disks.scan(signal)).toEqual(await host.tools.disks.scan(signal));
      expect(await identityOf(host, host.disks[0])).toEqual(await identityOf(host, host.disks[0]));
    });
  });
}
