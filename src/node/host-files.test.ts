import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostFiles } from './host-files.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'host-files-'));
  mkdirSync(join(root, 'etc/drbd.d/more'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

test('a file is read where the host has it, and one that is not there is no failure', async () => {
  writeFileSync(join(root, 'etc/os-release'), 'ID=debian\n');
  const { read } = hostFiles(root);
  expect(await read('/etc/os-release')).toBe('ID=debian\n');
  expect(await read('/etc/lsb-release')).toBeUndefined();
  expect(await read('/etc/os-release/below')).toBeUndefined();
  await expect(read('/etc')).rejects.toMatchObject({ code: 'FAILED', command: 'read /etc' });
});

test('of a folder every file with that ending is read, by its path on the host; others are not', async () => {
  const texts = { 'a.res': 'one', 'more/b.res': 'two', 'a.res.new': 'half', 'global_common.conf': 'no' };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(root, 'etc/drbd.d', name), text);
  symlinkSync('/nowhere', join(root, 'etc/drbd.d/dangling.res'));
  const { readAll } = hostFiles(root);
  expect(await readAll('/etc/drbd.d', '.res')).toEqual(
    new Map([
      ['/etc/drbd.d/a.res', 'one'],
      ['/etc/drbd.d/more/b.res', 'two'],
    ]),
  );
  expect(await readAll('/etc/drbd', '.res')).toEqual(new Map());
});
