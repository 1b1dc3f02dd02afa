import { describe, expect, test } from 'vitest';
import { codeOf, type ContractHost, createPool, type FreshHosts, identityOf, signal, tags } from './bench.ts';

/** Chooses a disk to be wiped, as it is now. */
async function choose(host: ContractHost, path: string) {
  const { signatures, partitions } = await host.tools.disks.content(path, signal);
  return { device: await identityOf(host, path), seen: { signatures, partitions } };
}

export function wipeContract(freshHosts: FreshHosts): void {
  describe('wiping', () => {
    test('what stands on a disk is told with what tells it from another of its kind', async () => {
      const [host] = (await freshHosts()).hosts;
      const { tools, disks } = host;
      expect(await tools.disks.content(disks[0], signal)).toEqual({ signatures: [], partitions: [], blank: true });
      await host.makeFileSystem(disks[0], 'ext4');
      const content = await tools.disks.content(disks[0], signal);
      expect(content).toMatchObject({ partitions: [], blank: false });
      expect(content.blocker).toBeUndefined();
      expect(content.signatures).toMatchObject([{ type: 'ext4', uuid: expect.any(String) }]);
      await host.makeFileSystem(disks[0], 'ext4');
      expect((await tools.disks.content(disks[0], signal)).signatures).not.toEqual(content.signatures);
    });

    test('a disk that was chosen is blank afterwards, and can go into a pool; a second time is done', async () => {
      const [host] = (await freshHosts()).hosts;
      await host.makeFileSystem(host.disks[0], 'ext4');
      const chosen = await choose(host, host.disks[0]);
      await host.tools.disks.wipe(chosen, signal);
      expect(await host.tools.disks.probe(host.disks[0], signal)).toMatchObject({ blank: true, signatures: [] });
      await host.tools.disks.wipe(chosen, signal);
      await host.tools.disks.wipe({ ...chosen, seen: { signatures: [], partitions: [] } }, signal);
      await createPool(host);
    });

    test('a disk that holds something else than was seen is refused, and nothing is written', async () => {
      const [host] = (await freshHosts()).hosts;
      const [path] = host.disks;
      const blank = await choose(host, path);
      await host.makeFileSystem(path, 'ext4');
      const first = await choose(host, path);
      expect(await codeOf(host.tools.disks.wipe(blank, signal))).toBe('CONTENT_CHANGED');
      await host.makeFileSystem(path, 'ext4');
      const before = await host.fingerprint(path);
      expect(await codeOf(host.tools.disks.wipe(first, signal))).toBe('CONTENT_CHANGED');
      expect(await host.fingerprint(path)).toBe(before);
      expect((await host.tools.disks.content(path, signal)).signatures).toMatchObject([{ type: 'ext4' }]);
    });

    test.each([
      ['number', { majorMinor: '8:240' }],
      ['size', { sizeBytes: 4096 }],
      ['serial number', { serial: 'another' }],
      ['WWN', { wwn: '0xanother' }],
    ])('a disk whose %s is not the one that was meant is refused', async (_what, other) => {
      const [host] = (await freshHosts()).hosts;
      await host.makeFileSystem(host.disks[0], 'ext4');
      const { device, seen } = await choose(host, host.disks[0]);
      const meant = { ...device, ...other };
      expect(await codeOf(host.tools.disks.wipe({ device: meant, seen }, signal))).toBe('DEVICE_CHANGED');
      expect(await host.tools.disks.probe(host.disks[0], signal)).toMatchObject({ blank: false });
    });

    test('a disk of a volume group is refused, whether or not somebody uses the group', async () => {
      const [host] = (await freshHosts()).hosts;
      const [path] = host.disks;
      const volumeGroup = await createPool(host);
      const device = await identityOf(host, path);
      const { physicalVolumes, createLogicalVolume } = host.tools.lvm;
      const [labelled] = await physicalVolumes(signal);
      // As if the label had been seen while it belonged to no group.
      const seen = { signatures: [{ type: 'LVM2_member', uuid: labelled?.uuid ?? '' }], partitions: [] };
      expect((await host.tools.disks.content(path, signal)).blocker).toMatch(/volume group/);
      expect(await codeOf(host.tools.disks.wipe({ device, seen }, signal))).toBe('DEVICE_IN_USE');
      await createLogicalVolume({ volumeGroup, name: 'pvc-1', sizeBytes: 4 << 20, tags }, signal);
      expect((await host.tools.disks.content(path, signal)).blocker).toMatch(/held by/);
      expect(await codeOf(host.tools.disks.wipe({ device, seen }, signal))).toBe('DEVICE_IN_USE');
      expect(await physicalVolumes(signal)).toMatchObject([
        { uuid: labelled?.uuid, volumeGroup: { name: volumeGroup.name } },
      ]);
    });

    test('a disk of a volume group is refused while no disk is there that describes the group', async () => {
      const [host] = (await freshHosts()).hosts;
      const [first, second] = host.disks;
      const { lvm, disks } = host.tools;
      const volumeGroup = await createPool(host);
      const device = await identityOf(host, second);
      await lvm.extendVolumeGroup({ volumeGroup, device }, signal);
      await host.leaveOutMetadata(second);
      const { uuid = '' } = (await lvm.physicalVolumes(signal)).find(({ device }) => device === second) ?? {};
      const mend = await host.failReads(first);
      try {
        const shown = await lvm.physicalVolumes(signal);
        expect(shown).toMatchObject([{ device: second, uuid, groupAway: true }]);
        expect(shown[0]?.volumeGroup).toBeUndefined();
        const seen = { signatures: [{ type: 'LVM2_member', uuid }], partitions: [] };
        expect((await disks.content(second, signal)).blocker).toMatch(/volume group/);
        expect(await codeOf(disks.wipe({ device, seen }, signal))).toBe('DEVICE_IN_USE');
        expect(await codeOf(lvm.removePhysicalVolume({ uuid, device }, signal))).toBe('PV_IN_USE');
        const tags = ['hwameistor.io/cluster=c1'];
        expect(await codeOf(lvm.createVolumeGroup({ name: 'other', device, tags }, signal))).not.toBe('done');
      } finally {
        await mend();
      }
      const group = { name: volumeGroup.name, uuid: volumeGroup.uuid };
      expect(await lvm.physicalVolumes(signal)).toMatchObject([{ volumeGroup: group }, { volumeGroup: group, uuid }]);
    });

    test('a disk that fails its reads is refused', async () => {
      const [host] = (await freshHosts()).hosts;
      const [path] = host.disks;
      await host.makeFileSystem(path, 'ext4');
      const chosen = await choose(host, path);
      const mend = await host.failReads(path);
      try {
        expect((await host.tools.disks.content(path, signal)).blocker).toEqual(expect.any(String));
        expect(await codeOf(host.tools.disks.wipe(chosen, signal))).toBe('DEVICE_UNREADABLE');
      } finally {
        await mend();
      }
      expect(await host.tools.disks.probe(path, signal)).toMatchObject({ blank: false });
    });

    test('a path that leads nowhere is an error', async () => {
      const [host] = (await freshHosts()).hosts;
      const chosen = await choose(host, host.disks[0]);
      const nowhere = { ...chosen, device: { ...chosen.device, path: '/dev/sdzz' } };
      expect(await codeOf(host.tools.disks.content('/dev/sdzz', signal))).toBe('DEVICE_NOT_FOUND');
      expect(await codeOf(host.tools.disks.wipe(nowhere, signal))).toBe('DEVICE_NOT_FOUND');
    });

    test('who gave up before gets no look and no change', async () => {
      const [host] = (await freshHosts()).hosts;
      const gone = AbortSignal.abort();
      const chosen = await choose(host, host.disks[0]);
      expect(await codeOf(host.tools.disks.content(host.disks[0], gone))).toBe('ABORTED');
      expect(await codeOf(host.tools.disks.wipe(chosen, gone))).toBe('ABORTED');
    });
  });
}
