// Recorded from lvm2 2.03.16 on Linux 6.1 (Debian 12).
import { describe, expect, test } from 'vitest';
import { type Recording, replay } from '../../../test/support/replay.ts';
import { CommandError } from '../errors.ts';
import type { Run } from '../run.ts';
import { lvm, lvmRefusal } from './lvm.ts';
import { lvs } from './lvs.ts';
import { checkVolumeName } from './names.ts';
import { pvSegments } from './pv-segments.ts';
import { pvs } from './pvs.ts';
import { vgs } from './vgs.ts';

const { signal } = new AbortController();
const filter = { lvmconfig: { stdout: 'filter=["a|.*|"]\n' } };

describe('reading lvm reports', () => {
  test('volume groups come with numbers and sorted tags', async () => {
    const { run } = replay({
      ...filter,
      vgs: {
        stdout: `
  {
      "report": [
          {
              "vg": [
                  {"vg_name":"LocalStorage_PoolHDD", "vg_uuid":"8SG0dx-rGeR-mkhe-7YdQ-I49i-BIrc-QwHv3U", "vg_size":"1069547520", "vg_free":"994050048", "vg_extent_size":"4194304", "pv_count":"1", "lv_count":"2", "vg_missing_pv_count":"0", "vg_tags":"b,a", "vg_mda_size":"1044480", "vg_mda_free":"519680"}
              ]
          }
      ]
  }`,
      },
    });
    expect(await vgs(lvm(run), { signal })).toEqual([
      {
        name: 'LocalStorage_PoolHDD',
        uuid: '8SG0dx-rGeR-mkhe-7YdQ-I49i-BIrc-QwHv3U',
        sizeBytes: 1_069_547_520,
        freeBytes: 994_050_048,
        extentSizeBytes: 4_194_304,
        physicalVolumeCount: 1,
        logicalVolumeCount: 2,
        missingPhysicalVolumeCount: 0,
        tags: ['a', 'b'],
        metadataSizeBytes: 1_044_480,
        metadataFreeBytes: 519_680,
      },
    ]);
  });

  test('disks without a label are no physical volumes, and both of two with one UUID are duplicates', async () => {
    const row = (device: string, uuid: string, duplicate: string): string =>
      `{"pv_name":"${device}", "pv_uuid":"${uuid}", "vg_name":"p", "vg_uuid":"g", "pv_size":"1069547520", "pv_free":"994050048", "dev_size":"1073741824", "pe_start":"1048576", "pv_major":"98", "pv_minor":"16", "pv_allocatable":"allocatable", "pv_missing":"", "pv_duplicate":"${duplicate}", "pv_in_use":"used"}`;
    const rows = [row('/dev/ubda', '', ''), row('/dev/ubdb', 'u', ''), row('/dev/ubdc', 'u', 'duplicate')];
    const { run } = replay({ ...filter, pvs: { stdout: `{"report": [{"pv": [${rows.join(',')}]}]}` } });
    expect(await pvs(lvm(run), { signal })).toMatchObject([
      {
        device: '/dev/ubdb',
        uuid: 'u',
        volumeGroup: { name: 'p', uuid: 'g' },
        firstExtentBytes: 1_048_576,
        majorMinor: '98:16',
        duplicate: true,
        missing: false,
      },
      { device: '/dev/ubdc', uuid: 'u', duplicate: true },
    ]);
  });

  test('a disk that is away has neither device nor number, and one that is back has both and is missing still', async () => {
    const row = (device: string, size: string, number: string): string =>
      `{"pv_name":"${device}", "pv_uuid":"${device}", "vg_name":"p", "vg_uuid":"g", "pv_size":"1065353216", "pv_free":"943718400", "dev_size":"${size}", "pe_start":"8388608", "pv_major":"${number}", "pv_minor":"${number}", "pv_allocatable":"allocatable", "pv_missing":"missing", "pv_duplicate":"", "pv_in_use":"used"}`;
    const rows = [row('[unknown]', '0', '0'), row('/dev/loop1', '1073741824', '7')];
    const { run } = replay({ ...filter, pvs: { stdout: `{"report": [{"pv": [${rows.join(',')}]}]}` } });
    const [back, away] = await pvs(lvm(run), { signal });
    expect(back).toMatchObject({ device: '/dev/loop1', majorMinor: '7:7', missing: true });
    expect(away).toMatchObject({ device: '[unknown]', deviceSizeBytes: 0, missing: true });
    expect(away).not.toHaveProperty('majorMinor');
  });

  test('an idle logical volume has no device number', async () => {
    const row =
      '{"lv_name":"pvc-1", "lv_uuid":"u", "vg_name":"p", "vg_uuid":"g", "vg_missing_pv_count":"0", "lv_size":"71303168", "lv_path":"/dev/p/pvc-1", "lv_dm_path":"/dev/mapper/p-pvc--1", "lv_active":"", "lv_device_open":"", "lv_suspended":"", "lv_health_status":"", "lv_tags":"", "lv_layout":"linear", "lv_kernel_major":"-1", "lv_kernel_minor":"-1"}';
    const { run } = replay({ ...filter, lvs: { stdout: `{"report": [{"lv": [${row}]}]}` } });
    expect(await lvs(lvm(run), { signal })).toEqual([
      {
        volume: {
          name: 'pvc-1',
          uuid: 'u',
          volumeGroup: { name: 'p', uuid: 'g' },
          sizeBytes: 71_303_168,
          path: '/dev/p/pvc-1',
          deviceMapperPath: '/dev/mapper/p-pvc--1',
          active: false,
          open: false,
          suspended: false,
          health: '',
          tags: [],
          layout: 'linear',
        },
        missingPhysicalVolumeCount: 0,
      },
    ]);
  });

  test('what stands on a disk is shown with its kind, and free room is left out', async () => {
    const row = (first: number, count: number, lv: string, segtype: string, role: string, movedFrom = ''): string =>
      `{"pv_uuid":"b", "vg_uuid":"g", "pvseg_start":"${first}", "pvseg_size":"${count}", "lv_name":"${lv}", "lv_uuid":"${lv === '' ? '' : `u-${lv}`}", "segtype":"${segtype}", "lv_role":"${role}", "move_pv_uuid":"${movedFrom}"}`;
    const rows = [
      row(50, 100, 'big', 'linear', 'public'),
      row(0, 50, '[pvmove0]', 'mirror', 'private,pvmove', 'b'),
      row(150, 10, 'two', 'linear', 'public,origin,thickorigin'),
      row(166, 10, '[tp_tdata]', 'linear', 'private,thin,pool,data'),
      row(176, 75, '', 'free', 'public'),
    ];
    const { run, ran } = replay({ ...filter, pvs: { stdout: `{"report": [{"pvseg": [${rows.join(',')}]}]}` } });
    const on = { volumeGroup: 'g', physicalVolume: 'b' };
    expect(await pvSegments(lvm(run), { signal })).toEqual([
      {
        ...on,
        first: 0,
        count: 50,
        volume: { name: '[pvmove0]', uuid: 'u-[pvmove0]' },
        kind: 'moving',
        movedFrom: 'b',
      },
      { ...on, first: 50, count: 100, volume: { name: 'big', uuid: 'u-big' }, kind: 'plain' },
      { ...on, first: 150, count: 10, volume: { name: 'two', uuid: 'u-two' }, kind: 'plain' },
      { ...on, first: 166, count: 10, volume: { name: '[tp_tdata]', uuid: 'u-[tp_tdata]' }, kind: 'other' },
    ]);
    expect(ran[1]).toContain('--segments');
  });

  test('a failed report that still prints one is an error', async () => {
    const { run } = replay({
      ...filter,
      vgs: { exitCode: 5, stdout: '{"report": [{"vg": []}]}', stderr: '  Internal error: something\n' },
    });
    await expect(vgs(lvm(run), { signal })).rejects.toMatchObject({ code: 'FAILED', exitCode: 5 });
  });

  test('output of another shape is an error that quotes what was wrong', async () => {
    const { run } = replay({ ...filter, vgs: { stdout: '{"report": [{"vg": [{"vg_name": 7}]}]}' } });
    await expect(vgs(lvm(run), { signal })).rejects.toMatchObject({
      code: 'UNEXPECTED_OUTPUT',
      message: expect.stringContaining('vg_name'),
    });
  });
});

describe('the filter that hides DRBD’s devices', () => {
  const configured = async (stdout: string): Promise<string | undefined> => {
    const { run, ran } = replay({ lvmconfig: { stdout }, vgs: { stdout: '{"report": [{"vg": []}]}' } });
    await vgs(lvm(run), { signal });
    return /devices\{[^}]*\}/.exec(ran[1] ?? '')?.[0];
  };

  test('stands alone where the host takes all, since an accepted alias would outvote it', async () => {
    expect(await configured('filter=["a|.*|"]\n')).toBe(
      'devices{hints="none" ignore_suspended_devices=1 filter=["r|^/dev/drbd.*|"]}',
    );
  });

  test('comes before what the host configured', async () => {
    expect(await configured('filter=["a|^/dev/sd|","r|.*|"]\n')).toBe(
      'devices{hints="none" ignore_suspended_devices=1 filter=["r|^/dev/drbd.*|","a|^/dev/sd|","r|.*|"]}',
    );
  });

  test.each([
    ['lvmconfig fails', { exitCode: 5, stderr: '  Failed to load config file /etc/lvm/lvm.conf\n' }, 'FAILED'],
    ['lvmconfig says something else', { stdout: 'scan="/dev"\n' }, 'UNEXPECTED_OUTPUT'],
  ])('nothing is guessed where %s, and it is asked for again', async (_how, failure, code) => {
    const recordings: Record<string, Recording> = { lvmconfig: failure, vgs: { stdout: '{"report": [{"vg": []}]}' } };
    const { run, ran } = replay(recordings);
    const command = lvm(run);
    await expect(vgs(command, { signal })).rejects.toMatchObject({ code });
    expect(ran).toHaveLength(1);
    recordings['lvmconfig'] = filter.lvmconfig;
    await vgs(command, { signal });
    await vgs(command, { signal });
    expect(ran.filter((line) => line.startsWith('lvmconfig'))).toHaveLength(2);
  });
});

test('a move is run by the command itself, not by a daemon of the host', async () => {
  const { run, ran } = replay({ ...filter, pvmove: {}, vgs: {} });
  const command = lvm(run);
  await command('pvmove', [], { signal });
  await command('vgs', [], { signal });
  expect(ran.slice(1).map((line) => line.includes('global{use_lvmpolld=0}'))).toEqual([true, false]);
});

describe('lvm’s hints, which tell other commands of the host what is on which disk', () => {
  // Seen with 2.03.16: after a vgcreate with hints="none" a plain vgs lacked the group, after such a vgextend it called
  // the new disk missing.
  test.each([
    ['vgs', true],
    ['lvcreate', true],
    ['vgchange', true],
    ['vgcreate', false],
    ['vgextend', false],
    ['vgreduce', false],
    ['pvremove', false],
    ['pvmove', true],
  ])('%s', async (program, ignores) => {
    const { run, ran } = replay({ ...filter, [program]: {} });
    await lvm(run)(program, [], { signal });
    expect(ran[1]?.includes('hints="none"')).toBe(ignores);
  });
});

describe('a report that finds a lock taken', () => {
  const empty = { exitCode: 0, stdout: '{"report": [{"vg": []}]}', stderr: '' };
  const held = {
    exitCode: 5,
    stdout: empty.stdout,
    stderr:
      "  /run/lock/lvm/V_p: flock failed: Resource temporarily unavailable\n  Can't get lock for p.\n  Cannot process volume group p\n",
  };

  /** A host where the lock is free at once, once it is waited for, or not in time. */
  function host(atOnce: Recording, waited: () => Recording = () => empty) {
    const ran: { waits: boolean; timeoutMs: number | undefined }[] = [];
    const run: Run = async (program, args, options) => {
      if (program === 'lvmconfig') return replay(filter).run(program, args, options);
      const waits = !args.join(' ').includes('wait_for_locks=0');
      ran.push({ waits, timeoutMs: options.timeoutMs });
      return { ...empty, ...(waits ? waited() : atOnce) };
    };
    return { command: lvm(run), ran };
  }

  test('has all the time it takes where nobody has a lock', async () => {
    const { command, ran } = host(empty);
    expect(await vgs(command, { signal })).toEqual([]);
    expect(ran).toEqual([{ waits: false, timeoutMs: undefined }]);
  });

  test('waits for who changes a group', async () => {
    const { command, ran } = host(held);
    expect(await vgs(command, { signal })).toEqual([]);
    expect(ran).toEqual([
      { waits: false, timeoutMs: undefined },
      { waits: true, timeoutMs: 10_000 },
    ]);
  });

  test.each([
    ['of a group', held.stderr, 'p'],
    [
      'of those who put disks into groups',
      '  /run/lock/lvm/P_global: flock failed: Resource temporarily unavailable\n',
      'P_global',
    ],
  ])('does not wait for ever for a lock %s, and says whose it is', async (_whose, stderr, named) => {
    const { command } = host({ ...held, stderr }, () => {
      throw new CommandError({ code: 'TIMED_OUT', command: 'vgs' });
    });
    await expect(vgs(command, { signal })).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringContaining(named),
    });
  });

  test('is over when its caller gives up', async () => {
    const { command } = host(held, () => {
      throw new CommandError({ code: 'ABORTED', command: 'vgs' });
    });
    await expect(vgs(command, { signal })).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('what lvm says when it refuses', () => {
  test.each([
    ['  Volume group "x" not found\n  Cannot process volume group x', 'VG_NOT_FOUND'],
    ['  Failed to find logical volume "vg/lv"', 'LV_NOT_FOUND'],
    ['  A volume group called x already exists.', 'VG_EXISTS'],
    ['  Logical Volume "a" already exists in volume group "vg"', 'LV_NOT_OURS'],
    ['  Volume group "p" has insufficient free space (237 extents): 477 required.', 'NO_SPACE'],
    [
      'WARNING: ext4 signature detected on /dev/ubdc at offset 1080. Wipe it? [y/n]: [n]\n  Aborted wiping of ext4.',
      'SIGNATURE_FOUND',
    ],
    ['  Cannot use /dev/ubdc: device is partitioned', 'SIGNATURE_FOUND'],
    ["  Can't open /dev/ubdc exclusively.  Mounted filesystem?", 'DEVICE_IN_USE'],
    ['  Logical volume p/pvc-1 contains a filesystem in use.', 'DEVICE_IN_USE'],
    ['  Logical volume p/pvc-1 is used by another device.', 'DEVICE_IN_USE'],
    ['  Cannot change VG p while PVs are missing.', 'PV_MISSING'],
    ['  Cannot update volume group p with duplicate PV devices.', 'PV_DUPLICATE'],
    ['  Multiple VGs found with the same name: skipping p', 'VG_AMBIGUOUS'],
    ["  Can't resize locked logical volume p/big.", 'LV_MOVING'],
    ["  Can't remove locked logical volume p/big.", 'LV_MOVING'],
    ['  Cannot rename locked LV big', 'LV_MOVING'],
    ['  Physical volume "/dev/ubdb" still in use', 'PV_IN_USE'],
    ['  Failed to find physical volume "/dev/ubdb".', 'PV_NOT_FOUND'],
    ['  No PV found on device /dev/ubdb.', 'PV_NOT_FOUND'],
    ['  Insufficient free space: 75 extents needed, but only 5 available', 'NO_SPACE'],
    [
      '  /sbin/modprobe failed: 1\n  Required device-mapper target(s) not detected in your kernel.',
      'KERNEL_TARGET_MISSING',
    ],
    ["  Can't get lock for p", 'BUSY'],
    ['  /run/lock/lvm/P_global: flock failed: Resource temporarily unavailable', 'BUSY'],
    ['  something nobody knows', 'FAILED'],
  ])('%s', (stderr, code) => {
    expect(lvmRefusal('lvcreate', { exitCode: 5, stdout: '', stderr })).toMatchObject({ code, exitCode: 5 });
  });

  test('the message says what happened, why and what to do', () => {
    const stderr = '  Volume group "p" has insufficient free space (237 extents): 477 required.\n';
    expect(lvmRefusal('lvcreate pvc-1 in p', { exitCode: 5, stdout: '', stderr }).message).toBe(
      'lvcreate pvc-1 in p failed (exit status 5): the volume group has not enough free extents: Volume group "p" has insufficient free space (237 extents): 477 required. Extend the pool with a LocalDiskClaim, or shrink the request.',
    );
  });
});

describe('names of volumes', () => {
  const check = (name: string): string => {
    try {
      checkVolumeName('LocalStorage_PoolHDD', name, 'lvcreate');
      return 'taken';
    } catch (error) {
      return error instanceof CommandError ? error.code : String(error);
    }
  };

  test.each([
    ['pvc-6b1c5b8e-7f4e-4d63-9d5c-0a6c1f5d9f10', 'taken'],
    ['pvc-6b1c5b8e-7f4e-4d63-9d5c-0a6c1f5d9f10_drbdmeta', 'taken'],
    ['snapshot-1', 'BAD_NAME'],
    ['pvmove0', 'BAD_NAME'],
    ['a_rimage_0', 'BAD_NAME'],
    ['..', 'BAD_NAME'],
    ['a/b', 'BAD_NAME'],
    ['ä', 'BAD_NAME'],
    ['', 'BAD_NAME'],
    [`a${'-'.repeat(62)}`, 'BAD_NAME'],
    ['a'.repeat(97), 'taken'],
    ['a'.repeat(98), 'BAD_NAME'],
  ])('%s', (name, verdict) => {
    expect(check(name)).toBe(verdict);
  });
});
