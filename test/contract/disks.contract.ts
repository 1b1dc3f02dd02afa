import { describe, expect, test } from 'vitest';
import { codeOf, createPool, eventually, type FreshHosts, identityOf, signal, tags } from './bench.ts';

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

    test('a partition is shown below its disk with what it is meant for, and can be had alone', async () => {
      const [host] = (await freshHosts()).hosts;
      const path = await host.makePartition(host.disks[0]);
      const devices = await host.tools.disks.scan(signal);
      const disk = devices.find((device) => device.path === host.disks[0]);
      const partition = devices.find((device) => device.path === path);
      expect(disk).toMatchObject({ partitionTable: 'gpt', children: [partition?.kernelName], holders: [] });
      expect(partition).toMatchObject({
        type: 'part',
        parent: disk?.kernelName,
        partitionType: 'e6d6d379-f507-44c2-a23c-238f2a3df928',
        partitionUuid: expect.any(String),
      });
      if (partition === undefined) throw new Error(`no ${path}`);
      expect((await host.tools.disks.probe(host.disks[0], signal)).busy).toBeDefined();
      const probe = await host.tools.disks.probe(path, signal);
      expect(probe).toMatchObject({ readable: true, signatures: [], blank: true });
      expect(probe.busy).toBeUndefined();

      const wanted = { name: 'LocalStorage_PoolHDD', tags: [tags[0]] };
      for (const other of [{ partitionUuid: 'another' }, { partitionType: '21686148-6449-6e6f-744e-656564454649' }]) {
        const device = { ...partition, ...other };
        expect(await codeOf(host.tools.lvm.createVolumeGroup({ ...wanted, device }, signal))).toBe('DEVICE_CHANGED');
      }
      await host.tools.lvm.createVolumeGroup({ ...wanted, device: partition }, signal);
      expect(await host.tools.lvm.physicalVolumes(signal)).toMatchObject([{ device: path, duplicate: false }]);
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

    test('a disk that fails its reads is unreadable, not blank, and so is a volume on it', async () => {
      const [host] = (await freshHosts()).hosts;
      const [path] = host.disks;
      const volumeGroup = await createPool(host);
      const wanted = { volumeGroup, name: 'pvc-1', sizeBytes: 4 << 20, tags };
      const volume = await host.tools.lvm.createLogicalVolume(wanted, signal);
      const mend = await host.failReads(path);
      try {
        const unreadable = { readable: false, readError: expect.any(String), blank: false, edgesZero: false };
        expect(await host.tools.disks.probe(path, signal)).toMatchObject(unreadable);
        expect(await host.tools.fs.probe(volume.path, signal)).toMatchObject(unreadable);
      } finally {
        await mend();
      }
      expect(await host.tools.fs.probe(volume.path, signal)).toMatchObject({ readable: true, blank: true });
    });

    test('a watcher is told of what somebody writes to a disk, and not of looks', async () => {
      const pair = await freshHosts();
      const [host] = pair.hosts;
      const [path, other] = host.disks;
      const stop = new AbortController();
      const told: string[] = [];
      const watching = host.tools.disks.watch((kernelName) => void told.push(`/dev/${kernelName}`), stop.signal);
      try {
        const first = async (): Promise<string[]> => {
          await host.makeFileSystem(path, 'ext4');
          return told;
        };
        await eventually(pair, first, (seen) => seen.includes(path));
        await host.tools.disks.probe(other, signal);
        await host.tools.disks.scan(signal);
        await host.tools.lvm.physicalVolumes(signal);
        await host.makeFileSystem(path, 'ext4');
        for (let moments = 0; moments < 5; moments++) await pair.passTime();
        expect(new Set(told)).toEqual(new Set([path]));
      } finally {
        stop.abort();
        await watching;
      }
    });

    test('a disk that can not judge itself has nothing against it', async () => {
      const [host] = (await freshHosts()).hosts;
      expect(await host.tools.disks.selfReport(host.disks[0], signal)).toEqual({
        supported: false,
        verdict: 'Unknown',
      });
    });

    test('who gave up before gets no look and no change', async () => {
      const [{ tools, disks }] = (await freshHosts()).hosts;
      const gone = AbortSignal.abort();
      const volumeGroup = { name: 'no-such-group', uuid: 'none' };
      for (const asked of [
        tools.disks.scan(gone),
        tools.disks.probe(disks[0], gone),
        tools.lvm.volumeGroups(gone),
        tools.lvm.logicalVolumes(gone),
        tools.lvm.activateVolumeGroup(volumeGroup, gone),
        tools.drbd.resources(gone),
        tools.drbd.down('pvc-1', gone),
      ])
        expect(await codeOf(asked)).toBe('ABORTED');
    });

    test('two looks at an unchanged host are equal', async () => {
      const [host] = (await freshHosts()).hosts;
      expect(await host.tools.disks.scan(signal)).toEqual(await host.tools.disks.scan(signal));
      expect(await identityOf(host, host.disks[0])).toEqual(await identityOf(host, host.disks[0]));
    });
  });
}
