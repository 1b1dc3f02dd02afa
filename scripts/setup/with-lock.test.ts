import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withLock } from './with-lock.ts';

const lockFile = (): string => join(mkdtempSync(join(tmpdir(), 'lock-')), 'build.lock');

test('two runs at once work one after the other', async () => {
  const path = lockFile();
  const order: string[] = [];
  const run = (name: string) =>
    withLock(
      path,
      async () => {
        order.push(`${name} began`);
        await Promise.resolve();
        order.push(`${name} ended`);
      },
      () => undefined,
    );
  await Promise.all([run('first'), run('second')]);
  expect(order).toEqual(['first began', 'first ended', 'second began', 'second ended']);
});

test('the lock of a process that died is taken over', async () => {
  const path = lockFile();
  const dead = spawnSync('true').pid;
  writeFileSync(path, String(dead));
  const said: string[] = [];
  await withLock(
    path,
    async () => expect(readFileSync(path, 'utf8')).toBe(String(process.pid)),
    (line) => said.push(line),
  );
  expect(said).toEqual([]);
});

test('the lock is given back when the work fails', async () => {
  const path = lockFile();
  const failing = withLock(
    path,
    () => Promise.reject(new Error('no space')),
    () => undefined,
  );
  await expect(failing).rejects.toThrow('no space');
  await expect(
    withLock(
      path,
      async () => 'done',
      () => undefined,
    ),
  ).resolves.toBe('done');
});
