import { describe, expect, test } from 'vitest';
import { replay } from '../../../test/support/replay.ts';
import { lvm } from './lvm.ts';
import { repairTools } from './repair.ts';

const { signal } = new AbortController();
const volumeGroup = { name: 'p', uuid: 'g' };
const report = (kind: string, ...rows: object[]) => ({ stdout: JSON.stringify({ report: [{ [kind]: rows }] }) });
const group = {
  vg_name: 'p',
  vg_uuid: 'g',
  vg_size: '1065353216',
  vg_free: '0',
  vg_extent_size: '4194304',
  pv_count: '1',
  lv_count: '1',
  vg_missing_pv_count: '0',
  vg_tags: '',
  vg_mda_size: '8384512',
  vg_mda_free: '4190208',
};
const physical = (more: object = {}) => ({
  pv_name: '/dev/sdb',
  pv_uuid: 'd',
  vg_name: 'p',
  vg_uuid: 'g',
  pv_size: '1065353216',
  pv_free: '0',
  dev_size: '1073741824',
  pe_start: '8388608',
  pv_major: '8',
  pv_minor: '32',
  pv_allocatable: 'allocatable',
  pv_missing: '',
  pv_duplicate: '',
  pv_in_use: 'used',
  ...more,
});
const volume = (open: boolean) => ({
  lv_name: 'pvc-1',
  lv_uuid: 'u',
  vg_name: 'p',
  vg_uuid: 'g',
  vg_missing_pv_count: '0',
  lv_size: '1065353216',
  lv_path: '/dev/p/pvc-1',
  lv_dm_path: '/dev/mapper/p-pvc--1',
  lv_active: 'active',
  lv_device_open: open ? 'open' : '',
  lv_suspended: '',
  lv_health_status: '',
  lv_tags: '',
  lv_layout: 'linear',
  lv_kernel_major: '253',
  lv_kernel_minor: '0',
});

/** A node whose kernel uses the disk that was 8:16 until a command for the volume has run so often. */
function node({ open = false, disk = {}, commands = 1 }: { open?: boolean; disk?: object; commands?: number } = {}) {
  const { run, ran } = replay({
    lvmconfig: { stdout: 'filter=["a|.*|"]\n' },
    vgs: report('vg', group),
    pvs: report('pv', physical(disk)),
    lvs: report('lv', volume(open)),
    lvchange: {},
    vgextend: {},
    pvresize: {},
  });
  const changes = (): string[] => ran.filter((line) => /^(lvchange|vgextend|pvresize)/.test(line));
  const checked: string[] = [];
  const tools = repairTools(lvm(run), {
    mappings: async () => [{ uuid: 'u', devices: [changes().length >= commands ? '8:32' : '8:16'] }],
    checkReadable: async (device) => void checked.push(device),
  });
  return { tools, changes, checked };
}

describe('a volume whose table names a dead disk', () => {
  test('is loaded anew in place where somebody has it open', async () => {
    const { tools, changes } = node({ open: true });
    await tools.refreshLogicalVolumes({ volumeGroup, uuids: ['u'] }, signal);
    expect(changes()).toEqual([
      expect.stringMatching(/^lvchange .*--refresh --select lv_uuid="u" && lv_name="pvc-1" -- p$/),
    ]);
  });

  test('is taken down and up where nobody has', async () => {
    const { tools, changes } = node({ commands: 2 });
    await tools.refreshLogicalVolumes({ volumeGroup, uuids: ['u'] }, signal);
    expect(changes()).toEqual([expect.stringContaining('--activate n'), expect.stringContaining('--activate y')]);
  });

  test('is told where the commands end well and nothing has changed', async () => {
    const { tools } = node({ commands: 9 });
    const refresh = tools.refreshLogicalVolumes({ volumeGroup, uuids: ['u'] }, signal);
    await expect(refresh).rejects.toMatchObject({ code: 'FAILED' });
  });

  test('is nothing to do for one that was not asked for', async () => {
    const { tools, changes } = node();
    await tools.refreshLogicalVolumes({ volumeGroup, uuids: ['other'] }, signal);
    expect(changes()).toEqual([]);
  });
});

describe('a disk that is back', () => {
  test('is read before the group takes it, and looked at afterwards', async () => {
    const { tools, changes, checked } = node({ disk: { pv_missing: 'missing' } });
    const restore = tools.restorePhysicalVolume({ volumeGroup, uuid: 'd' }, signal);
    await expect(restore).rejects.toMatchObject({ code: 'FAILED' });
    expect(checked).toEqual(['/dev/sdb']);
    expect(changes()).toEqual([expect.stringMatching(/^vgextend .*--restoremissing -- p \/dev\/sdb$/)]);
  });

  test('under another UUID is not taken', async () => {
    const { tools, changes } = node({ disk: { pv_missing: 'missing', pv_uuid: 'another' } });
    const restore = tools.restorePhysicalVolume({ volumeGroup, uuid: 'd' }, signal);
    await expect(restore).rejects.toMatchObject({ code: 'DEVICE_NOT_FOUND' });
    expect(changes()).toEqual([]);
  });
});

test.each([
  ['an extent and more', '1077936128', 1],
  ['less than an extent', '1077936127', 0],
])('a device that grew by %s', async (_much, dev_size, commands) => {
  const { tools, changes } = node({ disk: { dev_size } });
  await tools.resizePhysicalVolume({ volumeGroup, uuid: 'd' }, signal).catch(() => undefined);
  expect(changes()).toHaveLength(commands);
});
