import { expect, test } from 'vitest';
import { box, reviewOf } from '../box.builder.ts';
import { MalformedReview, parseReview } from './admission-request.ts';

const parse = (review: unknown) => parseReview(JSON.stringify(review));

test('a request is read as the API server means it, and nobody can change it', () => {
  const request = parse(reviewOf(box(1), { subResource: '', namespace: '', userInfo: {} }));
  expect(request).toEqual({
    uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    kind: { group: 'example.io', version: 'v1', kind: 'Box' },
    name: 'a',
    operation: 'CREATE',
    userInfo: { username: '', groups: [], extra: {} },
    object: box(1),
    dryRun: false,
  });
  expect(Object.isFrozen(request.object?.metadata)).toBe(true);
});

test('an update has both objects, a deletion the old one', () => {
  expect(parse(reviewOf(box(2), { operation: 'UPDATE', oldObject: box(1) }))).toMatchObject({
    object: box(2),
    oldObject: box(1),
  });
  const deletion = parse(reviewOf(null, { operation: 'DELETE', oldObject: box(1) }));
  expect(deletion).toMatchObject({ oldObject: box(1) });
  expect(deletion.object).toBeUndefined();
});

test.each([
  ['no JSON', '{', /^not JSON: /],
  ['no object', '7', /^not an AdmissionReview: /],
  [
    'an older version',
    JSON.stringify({ ...reviewOf(box(1)), apiVersion: 'admission.k8s.io/v1beta1' }),
    /at apiVersion/,
  ],
  ['no request', JSON.stringify({ ...reviewOf(box(1)), request: undefined }), /at request/],
  ['no uid to answer to', JSON.stringify(reviewOf(box(1), { uid: '' })), /at request.uid/],
  ['an unknown operation', JSON.stringify(reviewOf(box(1), { operation: 'PATCH' })), /at request.operation/],
  ['nothing to create', JSON.stringify(reviewOf(null)), /at request.object/],
  ['an update of nothing', JSON.stringify(reviewOf(box(1), { operation: 'UPDATE' })), /at request.oldObject/],
])('%s is no review, and what is wrong is said', (_, body, message) => {
  expect(() => parseReview(body)).toThrow(MalformedReview);
  expect(() => parseReview(body)).toThrow(message);
});
