import { expect, test } from 'vitest';
import { actThenLook } from './act.ts';
import { CommandError } from './errors.ts';

const refused = new CommandError({ code: 'TIMED_OUT', command: 'lvcreate' });
const ends = async (): Promise<void> => undefined;
const fails = async (): Promise<void> => {
  throw refused;
};

test.each([
  ['a command that ended well and did its work is done', ends, async () => 'there', 'there'],
  ['a command that failed, its work being there, is done', fails, async () => 'there', 'there'],
])('%s', async (_name, act, look, seen) => {
  expect(await actThenLook('lvcreate', act, look)).toBe(seen);
});

test('a command that ended well and did nothing has failed', async () => {
  await expect(actThenLook('lvcreate', ends, async () => undefined)).rejects.toMatchObject({ code: 'FAILED' });
});

test('a command that failed tells why, also where looking fails, too', async () => {
  await expect(actThenLook('lvcreate', fails, async () => undefined)).rejects.toBe(refused);
  const blind = async (): Promise<string> => {
    throw new Error('no look either');
  };
  await expect(actThenLook('lvcreate', fails, blind)).rejects.toBe(refused);
});
