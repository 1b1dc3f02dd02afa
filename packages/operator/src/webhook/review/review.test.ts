import { applyPatch, type Operation } from 'rfc6902';
import { expect, test } from 'vitest';
import { virtualClock } from '../../../testing/index.ts';
import { silentLog } from '../../log.ts';
import { Box, box, reviewOf } from '../box.builder.ts';
import { parseReview } from './admission-request.ts';
import { mutating, validating, type Handler, type MutatingOptions } from './handler.ts';
import { review, type AdmissionResponse } from './review.ts';
import { allow, deny, mutate } from './verdict.ts';

const uid = '705ab4f5-6393-11e8-b7cc-42010a800002';
const at = { path: '/box', resource: Box };
const handlerOf = (judge: MutatingOptions<Box>['review'], failure?: 'deny' | 'allow') =>
  mutating({ ...at, review: judge, ...(failure && { failure }) });

function asked(handler: Handler, request: object = reviewOf(box(1))) {
  const clock = virtualClock();
  const hangUp = new AbortController();
  const parsed = parseReview(JSON.stringify(request));
  const context = { clock, log: silentLog, deadlineMs: 1000, signal: hangUp.signal };
  return { answer: review(handler, parsed, context), clock, hangUp };
}

const patchIn = ({ patch = '' }: AdmissionResponse) =>
  JSON.parse(Buffer.from(patch, 'base64').toString()) as Operation[];

test('what is allowed is allowed, with its warnings', async () => {
  const limits = validating({
    ...at,
    review: ({ object }) => allow({ warnings: object?.spec.size === 1 ? ['a small box'] : [] }),
  });
  expect(await asked(limits).answer).toEqual({ uid, allowed: true, warnings: ['a small box'] });
  expect(await asked(limits, reviewOf(box(2))).answer).toEqual({ uid, allowed: true });
});

test('what is denied is denied with its message, reason and code', async () => {
  expect(await asked(handlerOf(() => deny('No more boxes.'))).answer).toEqual({
    uid,
    allowed: false,
    status: { code: 403, reason: 'Forbidden', message: 'No more boxes.' },
  });
  const invalid = handlerOf(() => deny('Too small.', { reason: 'Invalid', warnings: ['see the manual'] }));
  expect(await asked(invalid).answer).toEqual({
    uid,
    allowed: false,
    status: { code: 422, reason: 'Invalid', message: 'Too small.' },
    warnings: ['see the manual'],
  });
});

test('a mutated object is answered as the patch that leads to it', async () => {
  const wanted = { ...box(3), metadata: { ...box(1).metadata, labels: { 'a/b': 'ü' } } };
  const answer = await asked(handlerOf(() => mutate(wanted))).answer;
  expect(answer).toMatchObject({ uid, allowed: true, patchType: 'JSONPatch' });
  const object = box(1);
  applyPatch(object, patchIn(answer));
  expect(object).toEqual(wanted);
});

test('a mutation that changes nothing has no patch; members that are undefined count as missing', async () => {
  const same = handlerOf(() => mutate({ ...box(1), status: undefined } as Box));
  expect(await asked(same).answer).toEqual({ uid, allowed: true });
});

const failing = (failure?: 'deny' | 'allow') =>
  handlerOf(() => {
    throw new Error('no such shelf');
  }, failure);

test('a handler that throws denies, and says what happened', async () => {
  const status = { code: 500, reason: 'InternalError', message: 'Box default/a could not be reviewed: no such shelf' };
  expect(await asked(failing()).answer).toEqual({ uid, allowed: false, status });
  expect(await asked(handlerOf(() => Promise.reject(new Error('no such shelf')))).answer).toMatchObject({ status });
});

test('a handler that throws lets in with a warning, where that was wanted', async () => {
  expect(await asked(failing('allow')).answer).toEqual({
    uid,
    allowed: true,
    warnings: ['Box default/a was let in without a review: no such shelf'],
  });
});

test('a handler that never answers is answered for at its deadline, and told to stop', async () => {
  let told: AbortSignal | undefined;
  const { answer, clock } = asked(
    handlerOf((_, { signal }) => {
      told = signal;
      return new Promise(() => {});
    }),
  );
  clock.advance(999);
  expect(told?.aborted).toBe(false);
  clock.advance(1);
  expect(await answer).toMatchObject({
    allowed: false,
    status: { code: 504, reason: 'Timeout', message: 'Box default/a could not be reviewed: no verdict within 1000 ms' },
  });
  expect(told?.aborted).toBe(true);
});

test('a handler is told when the API server no longer waits', async () => {
  const { answer, hangUp, clock } = asked(handlerOf(() => new Promise(() => {})));
  hangUp.abort(new Error('hung up'));
  expect(await answer).toMatchObject({ allowed: false, status: { message: expect.stringContaining('hung up') } });
  expect(clock.next()).toBeUndefined();
});

test.each([
  ['kind', { kind: { group: 'example.io', version: 'v1', kind: 'Crate' } }, 'Crate (example.io/v1)'],
  ['version', { kind: { group: 'example.io', version: 'v2', kind: 'Box' } }, 'Box (example.io/v2)'],
  ['group', { kind: { group: '', version: 'v1', kind: 'Box' } }, 'Box (core/v1)'],
])('an object of another %s is not shown to the handler', async (_, request, spelt) => {
  const { answer } = asked(
    handlerOf(() => allow()),
    reviewOf(box(1), request),
  );
  expect(await answer).toMatchObject({
    allowed: false,
    status: { message: expect.stringContaining(`/box reviews Box (example.io/v1), not ${spelt}`) },
  });
});

test('a deletion can be denied but not mutated', async () => {
  const deletion = reviewOf(null, { operation: 'DELETE', oldObject: box(1) });
  const keep = handlerOf(({ oldObject }) => deny(`Keep ${oldObject?.spec.size}.`));
  expect(await asked(keep, deletion).answer).toMatchObject({ status: { message: 'Keep 1.' } });
  expect(
    await asked(
      handlerOf(() => mutate(box(2))),
      deletion,
    ).answer,
  ).toMatchObject({
    allowed: false,
    status: { message: 'Box default/a could not be reviewed: a deletion was to be mutated: there is no new object' },
  });
});
