import { expect, test } from 'vitest';
import { replay } from '../../../test/support/replay.ts';
import { dmsetupInfo } from './dmsetup-info.ts';

const { signal } = new AbortController();

test('the tables of logical volumes are told by UUID, hidden parts and other devices are not', async () => {
  const vg = '8SG0dxrGeRmkhe7YdQI49iBIrcQwHv3U';
  const lv = 'ugxdk3BsxfVrcbyUNufhM2N6HgwGmA2g';
  const stdout = [`LVM-${vg}${lv}|8:32,8:16`, `LVM-${vg}${lv}-real|8:16`, 'CRYPT-LUKS2-x|8:48', '|253:0', ''].join(
    '\n',
  );
  const { run } = replay({ 'dmsetup info': { stdout } });
  expect(await dmsetupInfo(run, { signal })).toEqual([
    { uuid: 'ugxdk3-Bsxf-Vrcb-yUNu-fhM2-N6Hg-wGmA2g', devices: ['8:16', '8:32'] },
  ]);
});

test('a kernel without any mapped device has none', async () => {
  const { run } = replay({ 'dmsetup info': { stdout: 'No devices found\n' } });
  expect(await dmsetupInfo(run, { signal })).toEqual([]);
});

test('a failure is no empty answer', async () => {
  const { run } = replay({ 'dmsetup info': { exitCode: 1, stderr: '/dev/mapper/control: open failed\n' } });
  await expect(dmsetupInfo(run, { signal })).rejects.toMatchObject({ code: 'FAILED' });
});
