import { expect, test } from 'vitest';
import { type Look, sharedLook } from './shared-look.ts';

const { signal } = new AbortController();
/** Lets everything go on that does not wait for the outside. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A look that shows how often the world had changed when it began, and ends when told. */
function slowLook() {
  let changes = 0;
  const begun: { end: () => void; fail: (error: Error) => void; signal: AbortSignal }[] = [];
  const look: Look<number> = (signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const seen = changes;
    begun.push({ end: () => resolve(seen), fail: reject, signal });
    return promise;
  };
  return { look: sharedLook('look', look), begun, change: () => (changes += 1) };
}

test('all who ask at once share one look', async () => {
  const { look, begun } = slowLook();
  const asked = [look(signal), look(signal), look(signal)];
  await settled();
  begun[0]?.end();
  expect(await Promise.all(asked)).toEqual([0, 0, 0]);
  expect(begun).toHaveLength(1);
});

test('who asks while a look runs shares the next one, which shows what has changed since', async () => {
  const { look, begun, change } = slowLook();
  const first = look(signal);
  await settled();
  change();
  const later = [look(signal), look(signal)];
  begun[0]?.end();
  expect(await first).toBe(0);
  await settled();
  begun[1]?.end();
  expect(await Promise.all(later)).toEqual([1, 1]);
  expect(begun).toHaveLength(2);
});

test('a look that fails fails for all who share it, and the next one runs', async () => {
  const { look, begun } = slowLook();
  const shared = [look(signal), look(signal)];
  await settled();
  const next = look(signal);
  begun[0]?.fail(new Error('no'));
  const outcomes = await Promise.allSettled(shared);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await settled();
  begun[1]?.end();
  expect(await next).toBe(0);
});

test('who gives up is told at once, and the look goes on for the others', async () => {
  const { look, begun } = slowLook();
  const impatient = new AbortController();
  const given = look(impatient.signal);
  const patient = look(signal);
  await settled();
  impatient.abort();
  await expect(given).rejects.toMatchObject({ code: 'ABORTED' });
  expect(begun[0]?.signal.aborted).toBe(false);
  begun[0]?.end();
  expect(await patient).toBe(0);
});

test('a look that nobody waits for any more is called off', async () => {
  const { look, begun } = slowLook();
  const impatient = new AbortController();
  const given = [look(impatient.signal), look(impatient.signal)];
  await settled();
  impatient.abort();
  await Promise.allSettled(given);
  expect(begun[0]?.signal.aborted).toBe(true);
});

test('who asks after the last one in a queue gave up gets a look of their own', async () => {
  const { look, begun } = slowLook();
  const first = look(signal);
  await settled();
  const impatient = new AbortController();
  const given = look(impatient.signal);
  impatient.abort();
  await expect(given).rejects.toMatchObject({ code: 'ABORTED' });
  const own = look(signal);
  begun[0]?.end();
  await first;
  await settled();
  for (const { end } of begun) end();
  await settled();
  for (const { end } of begun) end();
  expect(await own).toBe(0);
});
