// Recorded from lvm2 2.03.16 on Linux 6.1 (Debian 12).
import { describe, expect, test } from 'vitest';
import { type Recording, replay } from '../../../test/support/replay.ts';
import { unwipedTag } from '../../api/tags.ts';
import { udevSettle } from '../disk/udevadm.ts';
import { serial } from '../serial.ts';
import { lvm } from './lvm.ts';
import { lvs } from './lvs.ts';
import { volumeTools } from './volumes.ts';

const { signal } = new AbortController();
const mib = 1024 ** 2;
const volumeGroup = { name: 'p', uuid: 'g' };
const wanted = { volumeGroup, name: 'pvc-1', sizeBytes: 8 * mib, tags: ['c', 'v'] };

interface Row {
  lv_uuid?: string;
  lv_active?: string;
  lv_tags?: string;
  lv_device_open?: string;
  vg_uuid?: string;
}

const row = (more: Row = {}): object => ({
  lv_name: 'pvc-1',
  lv_uuid: 'u1',
  vg_name: 'p',
  vg_uuid: 'g',
  vg_missing_pv_count: '0',
  lv_size: String(8 * mib),
  lv_path: '/dev/p/pvc-1',
  lv_dm_path: '/dev/mapper/p-pvc--1',
  lv_active: 'active',
  lv_device_open: '',
  lv_suspended: '',
  lv_health_status: '',
  lv_tags: 'c,v',
  lv_layout: 'linear',
  lv_kernel_major: '254',
  lv_kernel_minor: '0',
  ...more,
});
const group = {
  vg_name: 'p',
  vg_uuid: 'g',
  vg_size: '1069547520',
  vg_free: '1069547520',
  vg_extent_size: '4194304',
  pv_count: '1',
  lv_count: '0',
  vg_missing_pv_count: '0',
  vg_tags: '',
  vg_mda_size: '1044480',
  vg_mda_free: '519680',
};
const unwiped = { lv_tags: `c,v,${unwipedTag}` };

/** Volumes as one look after the other shows them; the last look is what stays. */
function node(looks: Row[][], recordings: Record<string, Recording> = {}) {
  const left = [...looks];
  const shown: Recording = {
    get stdout() {
      return JSON.stringify({ report: [{ lv: ((left.length > 1 ? left.shift() : left[0]) ?? []).map(row) }] });
    },
  };
  const { run, ran } = replay({
    lvmconfig: { stdout: 'filter=["a|.*|"]\n' },
    'lvs -qq': shown,
    vgs: { stdout: JSON.stringify({ report: [{ vg: [group] }] }) },
    lvcreate: {},
    lvchange: {},
    lvremove: {},
    'udevadm settle': {},
    ...recordings,
  });
  const command = lvm(run);
  const look = (signal: AbortSignal) => lvs(command, { signal });
  const tools = volumeTools(command, {
    look,
    inTurn: serial(),
    settle: (options) => udevSettle(run, options),
    pauseMs: 1,
  });
  /** What was changed, without the settings that all commands share. */
  const changes = (): string[] =>
    ran.filter((line) => /^lv(create|change|remove)/.test(line)).map((line) => line.replace(/ -qq --config .*?]}/, ''));
  return { tools, changes, ran };
}

const creation = `lvcreate --yes --wipesignatures y --zero y --name pvc-1 --size ${8 * mib}b --addtag c --addtag v --addtag ${unwipedTag} -- p`;
const unmarking = (uuid: string): string =>
  `lvchange --deltag ${unwipedTag} --select lv_uuid="${uuid}" && lv_name="pvc-1" && lv_tags={"c" && "v"} -- p`;
const removal = `lvremove --yes --select lv_uuid="u1" && lv_name="pvc-1" && lv_tags={"${unwipedTag}"} -- p`;

describe('making a logical volume', () => {
  test('it carries the mark of one that is still to be wiped until lvcreate has ended well', async () => {
    const { tools, changes } = node([[], [unwiped], [{}]]);
    expect(await tools.createLogicalVolume(wanted, signal)).toMatchObject({
      uuid: 'u1',
      active: true,
      tags: ['c', 'v'],
    });
    expect(changes()).toEqual([creation, unmarking('u1')]);
  });

  test('the mark stays where lvcreate failed, whatever it left', async () => {
    const { tools, changes } = node([[], [unwiped]], { lvcreate: { exitCode: 5, stderr: 'Failed to wipe' } });
    await expect(tools.createLogicalVolume(wanted, signal)).rejects.toMatchObject({ code: 'FAILED' });
    expect(changes()).toEqual([creation]);
  });

  test('one whose making was cut short before it was wiped is removed and made anew', async () => {
    const { tools, changes } = node([
      [unwiped],
      [unwiped],
      [unwiped],
      [unwiped],
      [{ ...unwiped, lv_uuid: 'u2' }],
      [{ lv_uuid: 'u2' }],
    ]);
    expect(await tools.createLogicalVolume(wanted, signal)).toMatchObject({ uuid: 'u2' });
    expect(changes()).toEqual([removal, creation, unmarking('u2')]);
  });

  test('one that another process is making just now is left to it', async () => {
    const { tools, changes } = node([[unwiped], [unwiped], [{}]]);
    expect(await tools.createLogicalVolume(wanted, signal)).toMatchObject({ uuid: 'u1' });
    expect(changes()).toEqual([]);
  });

  test('one of somebody else that is still to be wiped is none of ours', async () => {
    const { tools, changes } = node([[{ lv_tags: `theirs,${unwipedTag}` }]]);
    await expect(tools.createLogicalVolume(wanted, signal)).rejects.toMatchObject({ code: 'LV_NOT_OURS' });
    expect(changes()).toEqual([]);
  });

  test('one that is there and not active is activated', async () => {
    const { tools, changes } = node([[{ lv_active: '' }], [{}]]);
    expect(await tools.createLogicalVolume(wanted, signal)).toMatchObject({ uuid: 'u1', active: true });
    expect(changes()).toEqual([
      'lvchange --activate y --poll n --select lv_uuid="u1" && lv_name="pvc-1" && lv_tags={"c" && "v"} -- p',
    ]);
  });

  test('one that can’t be activated is not taken for done', async () => {
    const { tools } = node([[{ lv_active: '' }]]);
    await expect(tools.createLogicalVolume(wanted, signal)).rejects.toMatchObject({ code: 'FAILED' });
  });
});

describe('removing a logical volume that is open', () => {
  const remove = { volumeGroup, name: 'pvc-1', uuid: 'u1', requireTags: ['c'] } as const;
  const open = { lv_device_open: 'open' };

  test('udev, which looks at it after a write, is waited for', async () => {
    const { tools, changes } = node([[open], [open], [{}], []]);
    await tools.removeLogicalVolume(remove, signal);
    expect(changes()).toEqual(['lvremove --yes --select lv_uuid="u1" && lv_name="pvc-1" && lv_tags={"c"} -- p']);
  });

  test('it is refused when that does not help', async () => {
    const { tools, changes, ran } = node([[open]]);
    await expect(tools.removeLogicalVolume(remove, signal)).rejects.toMatchObject({ code: 'DEVICE_IN_USE' });
    expect(changes()).toEqual([]);
    expect(ran.filter((line) => line === 'udevadm settle --timeout=5')).toHaveLength(3);
  });
});

describe('two groups of one name', () => {
  const theirs = { vg_uuid: 'other', lv_uuid: 'u9' };
  const change = { volumeGroup, name: 'pvc-1', uuid: 'u1' };

  test('keep their volumes: none is taken for gone, and none is made', async () => {
    const { tools, changes } = node([[theirs, {}]]);
    await expect(tools.removeLogicalVolume({ ...change, requireTags: ['c'] }, signal)).rejects.toMatchObject({
      code: 'VG_AMBIGUOUS',
    });
    await expect(tools.createLogicalVolume(wanted, signal)).rejects.toMatchObject({ code: 'VG_AMBIGUOUS' });
    expect(changes()).toEqual([]);
  });

  test('of which one is plugged in between two looks are looked at again', async () => {
    const full = { stdout: JSON.stringify({ report: [{ vg: [{ ...group, lv_count: '1' }] }] }) };
    const { tools } = node([[theirs], [{}]], { vgs: full });
    expect(await tools.createLogicalVolume(wanted, signal)).toMatchObject({ uuid: 'u1' });
  });
});

test('a volume that is still to be wiped can’t be used, and goes when its group is activated', async () => {
  const { tools, changes } = node([[unwiped]]);
  await tools.removeUnwiped(volumeGroup, signal);
  expect(changes()).toEqual([removal]);
});
