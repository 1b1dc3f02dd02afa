import { expect, test } from 'vitest';
import { replay } from '../../../test/support/replay.ts';
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
])('%j', async (stdout, system) => {
  const { run } = replay({ cat: { stdout } });
  expect(await release(run, { signal })).toEqual(system);
});

test('a host without os-release says nothing', async () => {
  const { run } = replay({ cat: { exitCode: 1, stderr: 'No such file or directory' } });
  expect(await release(run, { signal })).toEqual({ idLike: [] });
});

test('a device-mapper that is there is not loaded again', async () => {
  const { run, ran } = replay({ cat: { stdout: 'Block devices:\n  8 sd\n253 device-mapper\n' } });
  expect(await loadDeviceMapper(run, { signal })).toBe(true);
  expect(ran).toHaveLength(1);
});

test('a device-mapper that is not there and can’t be loaded is told', async () => {
  const { run } = replay({ cat: { stdout: 'Block devices:\n  8 sd\n' }, modprobe: { exitCode: 1 } });
  expect(await loadDeviceMapper(run, { signal })).toBe(false);
});
