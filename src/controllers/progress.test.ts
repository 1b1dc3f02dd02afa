import { ApiError, silentLog } from '@dot-kube/operator';
import { expect, test } from 'vitest';
import { CommandError } from '../node/errors.ts';
import { attempt } from './progress.ts';

const pass = { log: silentLog, signal: new AbortController().signal };
const failing = (cause: Error) => () => Promise.reject(cause);

test.each([
  {
    why: 'a host tool’s refusal is told in its own word',
    error: new CommandError({ code: 'NO_SPACE', command: 'lvcreate vol', stderr: 'insufficient free space' }),
    reason: 'NoSpace',
  },
  { why: 'so is the API server’s', error: new ApiError(403, 'Forbidden', 'denied'), reason: 'Forbidden' },
  { why: 'anything else is told too', error: new Error('no copy would be left in sync'), reason: 'EffectFailed' },
])('$why', async ({ error, reason }) => {
  const refused = await attempt(failing(error), pass);
  expect(refused).toMatchObject({ reason, message: expect.stringContaining(error.message) as string });
  expect(refused?.retryMs).toBeGreaterThan(0);
});

test('the wait that the API server asks for is kept', async () => {
  const busy = new ApiError(429, 'TooManyRequests', 'busy', { retryAfterMs: 60_000 });
  expect((await attempt(failing(busy), pass))?.retryMs).toBe(60_000);
});

test('losing a race is no refusal: the pass is taken up anew', async () => {
  for (const race of [new ApiError(409, 'Conflict', 'changed'), new ApiError(404, 'NotFound', 'gone')])
    await expect(attempt(failing(race), pass)).rejects.toBe(race);
});

test('what a pass that was ended throws tells nothing', async () => {
  const error = new Error('aborted');
  const signal = AbortSignal.abort(error);
  await expect(attempt(failing(error), { ...pass, signal })).rejects.toBe(error);
});
