import { expect, test } from 'vitest';
import { filesOf, neverFollowed, replay } from '../../test/support/replay.ts';
import { hostTools } from './host-tools.ts';
import type { Run } from './run.ts';

const { signal } = new AbortController();

test('no look is started anew beside one of its kind that hangs: each tells what it would hang on', async () => {
  const disk = {
    kname: 'sda',
    path: '/dev/sda',
    'maj:min': '8:0',
    type: 'disk',
    size: 1,
    ro: false,
    rm: false,
    rota: true,
  };
  const unknown = { model: null, serial: null, wwn: null, vendor: null, tran: null };
  const noContent = { pttype: null, parttype: null, partuuid: null, fstype: null };
  const { run } = replay({
    lvmconfig: { stdout: 'filter=["a|.*|"]\n' },
    'vgs -qq': { stdout: '{"report": [{"vg": []}]}' },
    'pvs -qq': { stdout: '{"report": [{"pv": []}]}' },
    'lvs -qq': { stdout: '{"report": [{"lv": []}]}' },
    lsblk: { stdout: JSON.stringify({ blockdevices: [{ ...disk, ...unknown, ...noContent, mountpoints: [null] }] }) },
    'udevadm info': {},
    'drbdsetup events2': { stdout: 'exists -\n' },
  });
  const keys: Record<string, string | undefined> = {};
  const noting: Run = (program, args, options) => {
    keys[program] = options.on;
    return run(program, args, options);
  };
  const { disks, lvm, drbd } = hostTools({
    run: noting,
    files: filesOf({ '/proc/drbd': 'version: 8.4.11 (api:1/proto:86-101)\n' }),
    follow: neverFollowed,
    isHeldExclusively: async () => false,
    nodeName: 'node1',
  });
  for (const look of [
    disks.scan,
    lvm.volumeGroups,
    lvm.physicalVolumes,
    lvm.logicalVolumes,
    drbd.load,
    drbd.resources,
    drbd.resourceFiles,
  ])
    await look(signal);
  expect(keys).toEqual({
    lvmconfig: 'lvmconfig devices/filter',
    vgs: 'vgs',
    pvs: 'pvs',
    lvs: 'lvs',
    lsblk: 'lsblk',
    udevadm: 'udevadm info',
    drbdsetup: 'drbdsetup events2',
  });
});
