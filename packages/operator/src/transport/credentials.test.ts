import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Credentials } from './credentials.ts';

async function tokenFile() {
  vi.useFakeTimers({ toFake: ['performance'] });
  const folder = await mkdtemp(join(tmpdir(), 'token-'));
  onTestFinished(async () => {
    vi.useRealTimers();
    await rm(folder, { recursive: true });
  });
  const path = join(folder, 'token');
  await writeFile(path, 'old');
  const credentials = new Credentials({ server: 'https://server', tokenFile: path });
  return { path, credentials };
}

test('a token is read from its file again each minute', async () => {
  const { path, credentials } = await tokenFile();
  expect(await credentials.authorization()).toBe('Bearer old');
  await writeFile(path, 'new');
  vi.advanceTimersByTime(59_000);
  expect(await credentials.authorization()).toBe('Bearer old');
  vi.advanceTimersByTime(1000);
  expect(await credentials.authorization()).toBe('Bearer new');
});

test('a token whose file cannot be read for a moment is kept, one that was never read is an error', async () => {
  const { path, credentials } = await tokenFile();
  expect(await credentials.authorization()).toBe('Bearer old');
  await rm(path);
  vi.advanceTimersByTime(60_000);
  expect(await credentials.authorization()).toBe('Bearer old');
  const never = new Credentials({ server: 'https://server', tokenFile: path });
  await expect(never.authorization()).rejects.toThrow('ENOENT');
});
