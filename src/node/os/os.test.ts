import { expect, test } from 'vitest';
import { filesOf, replay } from '../../../test/support/replay.ts';
import { loadDeviceMapper } from './device-mapper.ts';
import { release } from './release.ts';

const { signal } = new AbortController();

test.each([
  [
    'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\n',
    { id: 'rocky', idLike: ['rhel', 'centos', 'fedora'] },
  ],
  ['ID=debian\nVERSION_ID="12"\n', { id: 'debian', idLike: [] }],
  ["ID='opensuse-leap'\nID_LIKE='suse opensuse'\n", { id: 'opensuse-leap', idLike: ['suse', 'opensuse'] }],
  ['nothing of use', { idLike: [] }],
])('%j', async (text, system) => {
  expect(await release(filesOf({ '/etc/os-release': text }))).toEqual(system);
});

test('a host without os-release says nothing', async () => {
  expect(await release(filesOf({}))).toEqual({ idLike: [] });
});

test('a device-mapper that is there is not loaded again', async () => {
  const { run, ran } = replay({});
  const files = filesOf({ '/proc/devices': 'Block devices:\n  8 sd\n253 device-mapper\n' });
  expect(await loadDeviceMapper(run, files, { signal })).toBe(true);
  expect(ran).toEqual([]);
});

test('a device-mapper that is not there and can’t be loaded is told', async () => {
  const { run, ran } = replay({ modprobe: { exitCode: 1 } });
  const files = filesOf({ '/proc/devices': 'Block devices:\n  8 sd\n' });
  expect(await loadDeviceMapper(run, files, { signal })).toBe(false);
  expect(ran).toEqual(['modprobe dm_mod']);
});
