import { expect, test } from 'vitest';
import { hostFollow } from './follow.ts';

const follow = hostFollow();

test('each line is handed on as it is printed, until nobody wants more', async () => {
  const stop = new AbortController();
  const lines: string[] = [];
  const onLine = (line: string): void => {
    lines.push(line);
    if (lines.length === 3) stop.abort();
  };
  await follow('sh', ['-c', 'while sleep 0.01; do echo "$LC_ALL"; done'], { signal: stop.signal, onLine });
  expect(lines.slice(0, 3)).toEqual(['C', 'C', 'C']);
});

test('one that ends unasked is an error, with what it said', async () => {
  const { signal } = new AbortController();
  const ended = follow('sh', ['-c', 'echo "no daemon" >&2; exit 3'], { signal, onLine: () => undefined });
  await expect(ended).rejects.toMatchObject({ code: 'FAILED', exitCode: 3, stderr: 'no daemon' });
});

test('one that the host does not have is told as that', async () => {
  const { signal } = new AbortController();
  const ended = follow('no-such-program', [], { signal, onLine: () => undefined });
  await expect(ended).rejects.toMatchObject({ code: 'TOOL_MISSING' });
});

test('nothing is started for who gave up before', async () => {
  await expect(
    follow('no-such-program', [], { signal: AbortSignal.abort(), onLine: () => undefined }),
  ).resolves.toBeUndefined();
});
