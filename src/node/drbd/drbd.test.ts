// Recorded from drbd-utils 9.22.0 over DRBD 8.4.11 on Linux 6.1 (Debian 12).
import { describe, expect, test } from 'vitest';
import { filesOf, replay } from '../../../test/support/replay.ts';
import type { DrbdPair } from '../../api/observed/index.ts';
import { CommandError } from '../errors.ts';
import type { Run } from '../run.ts';
import { dumpMetadata } from './drbdmeta.ts';
import { parseEvents } from './events.ts';
import { listResourceFiles, writeResourceFile } from './files.ts';
import { drbdTools } from './index.ts';
import { drbdRefusal } from './refusals.ts';
import { parseResourceFile, renderResource } from './resource-file.ts';

const { signal } = new AbortController();

describe('reading DRBD’s events', () => {
  test('a source in the middle of nothing: connected, both sides up to date', () => {
    const text = `exists resource name:pvc-1 role:Secondary suspended:no write-ordering:flush
exists connection name:pvc-1 peer-node-id:0 conn-name:peer connection:Connected role:Secondary congested:no
exists device name:pvc-1 volume:0 minor:7 disk:UpToDate size:69632 read:0 written:69632 al-writes:8 bm-writes:0 upper-pending:0 lower-pending:0 al-suspended:no blocked:no
exists peer-device name:pvc-1 peer-node-id:0 conn-name:peer volume:0 replication:Established peer-disk:UpToDate resync-suspended:no received:69632 sent:0 out-of-sync:0 pending:0 unacked:0
exists -
`;
    expect(parseEvents(text)).toEqual([
      {
        name: 'pvc-1',
        minor: 7,
        role: 'Secondary',
        peerRole: 'Secondary',
        connection: 'Connected',
        replication: 'Established',
        disk: 'UpToDate',
        peerDisk: 'UpToDate',
        outOfSyncBytes: 0,
        suspended: false,
        sizeBytes: 71_303_168,
      },
    ]);
  });

  test('a side alone, without a disk', () => {
    const text = `exists resource name:pvc-1 role:Secondary suspended:no write-ordering:flush
exists connection name:pvc-1 peer-node-id:0 connection:StandAlone role:Unknown congested:no
exists device name:pvc-1 volume:0 minor:7 disk:Diskless size:0 read:0 written:0 al-writes:0 bm-writes:0 upper-pending:0 lower-pending:0 al-suspended:no blocked:no
exists peer-device name:pvc-1 peer-node-id:0 volume:0 replication:Off peer-disk:DUnknown resync-suspended:no received:0 sent:0 out-of-sync:0 pending:0 unacked:0
exists -
`;
    expect(parseEvents(text)).toMatchObject([{ connection: 'StandAlone', disk: 'Diskless', peerDisk: 'DUnknown' }]);
  });

  test('frozen I/O, whatever the reason, and out-of-sync in bytes', () => {
    const text = `exists resource name:a role:Primary suspended:user,fencing write-ordering:flush
exists peer-device name:a peer-node-id:0 conn-name:peer volume:0 replication:SyncSource peer-disk:Inconsistent resync-suspended:no received:0 sent:0 out-of-sync:69376 pending:0 unacked:0
exists -
`;
    expect(parseEvents(text)).toMatchObject([
      { name: 'a', role: 'Primary', suspended: true, replication: 'SyncSource', outOfSyncBytes: 71_041_024 },
    ]);
  });

  test('nothing running is an empty list, an unknown word an error', () => {
    expect(parseEvents('exists -\n')).toEqual([]);
    expect(() => parseEvents('exists resource name:a role:Sleeping suspended:no\n')).toThrow(/role:Sleeping/);
  });
});

describe('looking at metadata', () => {
  const look = (recordings: Parameters<typeof replay>[0]) =>
    dumpMetadata(replay(recordings).run, { minor: 7, device: '/dev/p/pvc-1_drbdmeta' }, { signal });
  const dump = (uuid: string): string =>
    `# DRBD meta data dump\n\nversion "v08";\n\nuuid {\n    ${uuid}; 0x0000000000000000; 0x0000000000000000; 0x0000000000000000;\n    flags 0x00000000;\n}\n`;

  test.each([
    ['fresh', { 'dump-md': { stdout: dump('0x0000000000000004') } }, { state: 'valid', justCreated: true }],
    [
      'used, its activity log applied',
      { 'dump-md': { stdout: dump('0x697C469B906626FE') } },
      { state: 'valid', justCreated: false },
    ],
    ['none', { 'dump-md': { exitCode: 1, stderr: 'No valid meta data found\n' } }, { state: 'absent' }],
    [
      'attached',
      {
        'dump-md': {
          exitCode: 20,
          stdout: 'Operation canceled.\n',
          stderr:
            'open(/dev/p/pvc-1_drbdmeta) failed: Device or resource busy\n\nExclusive open failed. Do it anyways?\n',
        },
      },
      { state: 'attached' },
    ],
    [
      'used by a kernel',
      {
        '--force dump-md': { stdout: dump('0x697C469B906626FE') },
        'dump-md': { exitCode: 1, stderr: 'Found meta data is "unclean", please apply-al first\n' },
      },
      { state: 'valid', justCreated: false },
    ],
  ])('%s', async (_what, recordings, seen) => {
    expect(await look(recordings)).toEqual(seen);
  });

  test('a device that is not there is an error, not absent metadata', async () => {
    const stderr = 'open(/dev/nope) failed: No such file or directory\n';
    await expect(look({ 'dump-md': { exitCode: 20, stderr } })).rejects.toMatchObject({ code: 'DEVICE_NOT_FOUND' });
  });
});

test.each([
  ['7: State change failed: (-1) Multiple primaries not allowed by config', 11, 'DRBD_PEER_IS_PRIMARY'],
  ['7: State change failed: (-2) Need access to UpToDate data', 17, 'DRBD_NO_UP_TO_DATE_DATA'],
  ['7: State change failed: (-12) Device is held open by someone', 11, 'DEVICE_IN_USE'],
  ['7: State change failed: (-10) State change was refused by peer node', 11, 'DRBD_REFUSED_BY_PEER'],
  ["'nope' not defined in your config (for this host).", 1, 'DRBD_UNKNOWN_RESOURCE'],
  ['Valid meta data seems to be in place.\nDo you really want to overwrite?', 1, 'DRBD_METADATA_EXISTS'],
  ['something nobody knows', 10, 'FAILED'],
])('DRBD refuses with %s', (stderr, exitCode, code) => {
  expect(drbdRefusal('drbdadm', { exitCode, stdout: '', stderr })).toMatchObject({ code, exitCode });
});

test('a first start that the caller gave up leaves nothing half started', async () => {
  const caller = new AbortController();
  const file = 'resource "pvc-1" { on "a" { volume 0 { device minor 7; } } }';
  const path = '/etc/drbd.d/hwameistor-pvc-1.res';
  const ran: string[] = [];
  const run: Run = async (program, args, { signal }) => {
    const line = [program, ...args].join(' ');
    if (signal.aborted) throw new CommandError({ code: 'ABORTED', command: line });
    ran.push(line);
    const started = ran.includes('drbdadm adjust pvc-1');
    if (line === 'drbdadm adjust pvc-1') {
      caller.abort();
      throw new CommandError({ code: 'ABORTED', command: line });
    }
    const resource =
      'exists resource name:pvc-1 role:Secondary suspended:no\nexists device name:pvc-1 minor:7 disk:Diskless\n';
    return { exitCode: 0, stdout: program === 'drbdsetup' && started ? resource : '', stderr: '' };
  };
  const files = filesOf({
    '/proc/drbd': 'version: 8.4.11\n',
    [path]: `# Written by HwameiStor; changes by hand are overwritten.\n${file}\n`,
  });
  const { adjust } = drbdTools({ run, files }, { node: 'a', hostname: 'a' });
  await expect(adjust('pvc-1', caller.signal)).rejects.toMatchObject({ code: 'ABORTED' });
  expect(ran.at(-1)).toBe('drbdsetup down pvc-1');
});

describe('resource files', () => {
  const leg = (node: string, ip: string) => ({
    node,
    ip,
    disk: '/dev/LocalStorage_PoolHDD/pvc-1',
    metadata: '/dev/LocalStorage_PoolHDD/pvc-1_drbdmeta',
  });
  const pair: DrbdPair = {
    name: 'pvc-1',
    minor: 7,
    port: 43_007,
    tags: ['hwameistor.io/cluster=c1', 'hwameistor.io/volume=v1'],
    secret: 'f'.repeat(63),
    fencing: 'resource-and-stonith',
    legs: [leg('node1', '10.0.0.1'), leg('node2', 'fd00::2')],
  };
  const local = { node: 'node1', hostname: 'host-one' };

  test('name the leg of this node by the host’s own name', () => {
    expect(renderResource(pair, local)).toMatchInlineSnapshot(`
      "# Written by HwameiStor; changes by hand are overwritten.
      # Tags: hwameistor.io/cluster=c1 hwameistor.io/volume=v1
      resource "pvc-1" {
          options {
              on-no-data-accessible suspend-io;
          }
          net {
              protocol C;
              cram-hmac-alg sha256;
              shared-secret "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
              after-sb-0pri disconnect;
              after-sb-1pri disconnect;
              after-sb-2pri disconnect;
              ping-int 3;
              ping-timeout 20;
              timeout 30;
              max-buffers 8000;
          }
          disk {
              on-io-error detach;
              fencing resource-and-stonith;
              c-plan-ahead 0;
              resync-rate 200M;
          }
          on "host-one" {
              volume 0 {
                  device minor 7;
                  disk "/dev/LocalStorage_PoolHDD/pvc-1";
                  meta-disk "/dev/LocalStorage_PoolHDD/pvc-1_drbdmeta";
              }
              address ipv4 10.0.0.1:43007;
          }
          on "node2" {
              volume 0 {
                  device minor 7;
                  disk "/dev/LocalStorage_PoolHDD/pvc-1";
                  meta-disk "/dev/LocalStorage_PoolHDD/pvc-1_drbdmeta";
              }
              address ipv6 [fd00::2]:43007;
          }
      }
      "
    `);
  });

  test('are read back as they were written', () => {
    const path = '/etc/drbd.d/hwameistor-pvc-1.res';
    expect(parseResourceFile(path, renderResource(pair, local))).toEqual([
      { path, name: 'pvc-1', ours: true, tags: pair.tags, minors: [7], ports: [43_007] },
    ]);
  });

  test('of others are read, too: old and new ways to write a minor, comments, several in one', () => {
    const text = `# resource commented { }
resource r0 {
  on a { device /dev/drbd10; disk /dev/sdb1; address 10.0.0.1:7788; meta-disk internal; }
  on b { device /dev/drbd11 minor 11; disk /dev/sdb1; address ipv6 [fd00::1]:7789; meta-disk internal; }
}
resource "r1" { volume 0 { device minor 12; } }
`;
    expect(parseResourceFile('/etc/drbd.d/x.res', text)).toEqual([
      { path: '/etc/drbd.d/x.res', name: 'r0', ours: false, tags: [], minors: [10, 11], ports: [7788, 7789] },
      { path: '/etc/drbd.d/x.res', name: 'r1', ours: false, tags: [], minors: [12], ports: [] },
    ]);
  });

  test.each([
    ['no leg here', { legs: [leg('a', '10.0.0.1'), leg('b', '10.0.0.2')] }, 'DRBD_BAD_CONFIG'],
    ['both legs here', { legs: [leg('node1', '10.0.0.1'), leg('node1', '10.0.0.2')] }, 'DRBD_BAD_CONFIG'],
    ['a name for an address', { legs: [leg('node1', 'localhost'), leg('b', '10.0.0.2')] }, 'DRBD_BAD_CONFIG'],
    ['a quote in a node name', { legs: [leg('node1', '10.0.0.1'), leg('b" {', '10.0.0.2')] }, 'DRBD_BAD_CONFIG'],
    ['port 0', { port: 0 }, 'DRBD_BAD_CONFIG'],
    ['half a minor', { minor: 0.5 }, 'DRBD_BAD_CONFIG'],
    ['a tag that would end the line', { tags: ['a\nb'] }, 'DRBD_BAD_CONFIG'],
    ['an empty secret', { secret: '' }, 'DRBD_BAD_CONFIG'],
    ['a way out of the folder', { name: '../../etc/passwd' }, 'BAD_NAME'],
  ] as [string, Partial<DrbdPair>, string][])('with %s are not written', (_what, bad, code) => {
    expect(() => renderResource({ ...pair, ...bad }, local)).toThrow(expect.objectContaining({ code }));
  });

  test('are put in place whole, the secret on no command line', async () => {
    const { run, ran } = replay({ install: {}, dd: {}, sync: {}, mv: {} });
    await writeResourceFile({ run, files: filesOf({}) }, pair, local, { signal });
    expect(ran).toEqual([
      'install -D --mode=0600 /dev/null /etc/drbd.d/hwameistor-pvc-1.res.new',
      'dd of=/etc/drbd.d/hwameistor-pvc-1.res.new conv=notrunc,fsync status=none',
      'mv --no-target-directory /etc/drbd.d/hwameistor-pvc-1.res.new /etc/drbd.d/hwameistor-pvc-1.res',
      'sync /etc/drbd.d',
    ]);
  });

  test('are listed from one look at the folder, and a folder that is not there holds none', async () => {
    const files = filesOf({
      '/etc/drbd.d/a.res': 'resource a { on x { device minor 3; address 10.0.0.1:7003; } }\n',
      '/etc/drbd.d/global.res': '# nothing\n',
    });
    expect(await listResourceFiles(files)).toMatchObject([{ name: 'a', ours: false, minors: [3], ports: [7003] }]);
    expect(await listResourceFiles(filesOf({}))).toEqual([]);
  });
});
