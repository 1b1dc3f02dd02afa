// Recorded from util-linux 2.38.1 and lvm2 2.03.16 (Debian 12).
import { describe, expect, test } from 'vitest';
import type { DiskMarks, PhysicalVolume } from '../../api/observed/index.ts';
import { type Recording, replay } from '../../../test/support/replay.ts';
import type { Run } from '../run.ts';
import { diskContent, wipeDisk } from './wipe.ts';

const { signal } = new AbortController();

interface Row {
  path: string;
  type?: string;
  ro?: boolean;
  fstype?: string | null;
  mountpoints?: (string | null)[];
  children?: Row[];
}

const device = ({ path, type = 'disk', children = [], ...more }: Row): object => ({
  kname: path.replace('/dev/', ''),
  path,
  'maj:min': '8:16',
  type,
  size: 1_073_741_824,
  ro: false,
  rm: false,
  rota: true,
  model: null,
  serial: 'S1',
  wwn: null,
  vendor: null,
  tran: null,
  pttype: null,
  fstype: null,
  parttype: null,
  partuuid: null,
  mountpoints: [null],
  ...more,
  ...(children.length === 0 ? {} : { children: children.map(device) }),
});

const meant = { path: '/dev/sdb', majorMinor: '8:16', sizeBytes: 1_073_741_824, serial: 'S1' };
/** It ends with 0 all the same. */
const alreadyLocked = (path: string): Recording => ({ stderr: `wipefs: ${path}: device already locked\n` });
const gptMark = { device: 'x', offset: '0x200', type: 'gpt', uuid: null, label: null };
const xfsMark = { device: 'x', offset: '0x0', type: 'xfs', uuid: 'u-xfs', label: null };
const wipefs = (...signatures: object[]): Recording => ({ stdout: JSON.stringify({ signatures }) });
const gptTold: Recording = { stdout: 'DEVNAME=/dev/sdb\nPTUUID=3a1f\nPTTYPE=gpt\n' };
const xfsTold: Recording = { stdout: 'DEVNAME=/dev/sdb1\nUUID=u-xfs\nTYPE=xfs\n' };

/** A disk with a table and one partition, until its table is wiped. */
const partitioned: DiskMarks = {
  signatures: [
    { type: 'gpt', offsetBytes: 512, uuid: '3a1f' },
    { type: 'xfs', offsetBytes: 0, uuid: 'u-xfs', partition: '1' },
  ],
  partitions: ['1'],
};

/** A host with that disk; commands that write are told one by one. */
function host(
  more: {
    row?: Partial<Row>;
    held?: string;
    volumes?: Partial<PhysicalVolume>[];
    label?: boolean;
    wiping?: Recording;
    locked?: string;
    partition?: Partial<Row>;
  } = {},
) {
  const written: string[] = [];
  let isWiped = false;
  const run: Run = async (program, args, options) => {
    const line = [program, ...args].join(' ');
    const path = args.find((arg) => arg.startsWith('/dev/sdb')) ?? '';
    const one = (recording: Recording) => replay({ [program]: recording }).run(program, args, options);
    if (line.startsWith('wipefs --all')) {
      if (line.includes('--no-act')) return one(more.locked === path ? alreadyLocked(path) : {});
      written.push(path);
      if (more.wiping === undefined && path === '/dev/sdb') isWiped = true;
      return one(more.wiping ?? {});
    }
    if (program === 'lsblk') {
      const child = { path: '/dev/sdb1', type: 'part', ...more.partition };
      const row = device({ path: '/dev/sdb', children: isWiped ? [] : [child], ...more.row });
      return one({ stdout: JSON.stringify({ blockdevices: [row] }) });
    }
    if (program === 'dd' || program === 'udevadm') return one({});
    if (program === 'cmp') return one({ exitCode: 1 });
    const isTable = path === '/dev/sdb';
    if (program === 'blkid') return one(isWiped ? { exitCode: 2 } : isTable ? gptTold : xfsTold);
    const partitionMark = more.label === true ? { ...xfsMark, type: 'LVM2_member', uuid: 'u-pv' } : xfsMark;
    return one(isWiped ? wipefs() : wipefs(isTable ? gptMark : partitionMark));
  };
  const wiper = {
    run,
    isHeldExclusively: async (path: string) => path === more.held,
    physicalVolumes: async () => (more.volumes ?? []) as PhysicalVolume[],
  };
  return { wiper, written };
}

const look = async (more?: Parameters<typeof host>[0]) => diskContent(host(more).wiper, '/dev/sdb', { signal });

describe('looking at all that stands on a disk', () => {
  test('its partitions and what stands in them is told, and the identity of its partition table', async () => {
    expect(await look()).toEqual({ ...partitioned, blank: false });
  });

  test.each<[string, Parameters<typeof host>[0], RegExp]>([
    ['is mounted', { row: { mountpoints: ['/data'] } }, /^\/dev\/sdb is mounted on \/data$/],
    [
      'has a partition that is mounted',
      { partition: { mountpoints: ['/data'] } },
      /^\/dev\/sdb1 is mounted on \/data$/,
    ],
    ['has a partition that is swap', { partition: { mountpoints: ['[SWAP]'] } }, /^\/dev\/sdb1 is used as swap$/],
    [
      'has a partition in an array',
      { partition: { children: [{ path: '/dev/md0', type: 'raid1' }] } },
      /^\/dev\/sdb1 is held by \/dev\/md0 \(raid1\)$/,
    ],
    ['is read-only', { row: { ro: true } }, /read-only/],
    ['is one path of several', { row: { fstype: 'mpath_member' } }, /multipath/],
    ['has a partition that zfs has opened', { held: '/dev/sdb1' }, /^\/dev\/sdb1 is opened exclusively/],
    [
      'has a partition in a volume group that nobody uses',
      { label: true, volumes: [{ device: '/dev/sdb1', volumeGroup: { name: 'data', uuid: 'u' } }] },
      /belongs to volume group data\. .* by hand first: vgremove data$/,
    ],
    ['has a label that lvm does not show', { label: true }, /whose it is can't be known/],
  ])('a disk that %s must not be wiped', async (_what, more, blocker) => {
    expect((await look(more)).blocker).toMatch(blocker);
  });

  test('a label that belongs to no volume group may go', async () => {
    expect((await look({ label: true, volumes: [{ device: '/dev/sdb1' }] })).blocker).toBeUndefined();
  });
});

describe('wiping a disk', () => {
  const wipe = async (seen: DiskMarks, more?: Parameters<typeof host>[0]) => {
    const { wiper, written } = host(more);
    const outcome = await wipeDisk(wiper, { device: meant, seen }, { signal }).then(
      () => 'done',
      ({ code, stderr }: { code: string; stderr: string }) => `${code}: ${stderr}`,
    );
    return { outcome, written };
  };

  test('what stands in partitions goes first, their table last', async () => {
    expect(await wipe(partitioned)).toEqual({ outcome: 'done', written: ['/dev/sdb1', '/dev/sdb'] });
  });

  test('what an interrupted wiping left was seen, too', async () => {
    const more = { signatures: [...partitioned.signatures, { type: 'swap', partition: '2' }], partitions: ['1', '2'] };
    expect(await wipe(more)).toMatchObject({ outcome: 'done' });
  });

  test.each<[string, DiskMarks, string]>([
    [
      'a new table',
      { ...partitioned, signatures: [{ type: 'gpt', offsetBytes: 512, uuid: 'older' }, partitioned.signatures[1]!] },
      'gpt (UUID 3a1f)',
    ],
    [
      'a new file system',
      { ...partitioned, signatures: [partitioned.signatures[0]!] },
      'xfs in partition 1 (UUID u-xfs)',
    ],
    ['a new partition', { ...partitioned, partitions: [] }, 'partition 1'],
  ])('%s that nobody saw is refused before anything is written', async (_what, seen, unseen) => {
    expect(await wipe(seen)).toEqual({ outcome: `CONTENT_CHANGED: not seen before: ${unseen}`, written: [] });
  });

  test('a disk in use is refused before anything is written', async () => {
    const outcome = await wipe(partitioned, { partition: { mountpoints: ['/data'] } });
    expect(outcome).toEqual({ outcome: 'DEVICE_IN_USE: /dev/sdb1 is mounted on /data', written: [] });
  });

  test.each(['/dev/sdb1', '/dev/sdb'])(
    '%s that a Ceph OSD has locked is in use, and nothing is written',
    async (place) => {
      const { outcome, written } = await wipe(partitioned, { locked: place });
      expect(outcome).toMatch(/^DEVICE_IN_USE: .*already locked/);
      expect(written).toEqual([]);
    },
  );

  test('a disk that somebody locks in the middle is in use', async () => {
    const { outcome, written } = await wipe(partitioned, { wiping: alreadyLocked('/dev/sdb1') });
    expect(outcome).toMatch(/^DEVICE_IN_USE: .*already locked/);
    expect(written).toEqual(['/dev/sdb1']);
  });

  test('what wipefs leaves behind is told', async () => {
    const { outcome } = await wipe(partitioned, { wiping: {} });
    expect(outcome).toBe('SIGNATURE_FOUND: still there: partition 1, gpt (UUID 3a1f), xfs in partition 1 (UUID u-xfs)');
  });
});
