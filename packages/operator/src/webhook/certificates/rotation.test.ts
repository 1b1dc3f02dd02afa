import { beforeAll, expect, test } from 'vitest';
import { issue, type Issued } from './issue.ts';
import { afterStep, nextStep, type Certificates, type Seen } from './rotation.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 1);
const names = ['hook.ns.svc'];
const seen = (now: number, more: Partial<Seen> = {}): Seen => ({
  names,
  now,
  published: true,
  settleMs: 3_600_000,
  ...more,
});
const held = ({ certificate, key, authority }: Issued, more: Partial<Certificates> = {}): Certificates => ({
  current: { certificate, key },
  next: undefined,
  authorities: [authority],
  ...more,
});

let first: Issued;
let second: Issued;
let stranger: Issued;
beforeAll(async () => {
  first = await issue({ names, now: start, lifetimeMs: 90 * dayMs });
  stranger = await issue({ names, now: start, lifetimeMs: 90 * dayMs });
  second = await issue({ names, now: start + 61 * dayMs, lifetimeMs: 90 * dayMs });
});

const staged = () => held(first, { next: second, authorities: [second.authority, first.authority] });

test.each<[string, () => Certificates, Seen, string]>([
  ['nothing is held', () => ({ current: undefined, next: undefined, authorities: [] }), seen(start), 'renew'],
  ['a certificate is young', () => held(first), seen(start + 59 * dayMs), 'rest'],
  ['it has lived for two thirds of its life', () => held(first), seen(start + 60 * dayMs), 'stage'],
  ['it expired', () => held(first), seen(start + 90 * dayMs), 'renew'],
  ['the clock shows a time before it', () => held(first), seen(start - dayMs), 'renew'],
  ['it does not cover a name', () => held(first), seen(start, { names: ['hook.ns.svc', '10.0.0.1'] }), 'renew'],
  ['its authority is another', () => held(first, { authorities: [stranger.authority] }), seen(start), 'renew'],
  ['its key is that of another', () => held({ ...first, key: second.key }), seen(start), 'renew'],
  ['its key is no key', () => held({ ...first, key: 'key' }), seen(start), 'renew'],
  ['it is no certificate', () => held({ ...first, certificate: 'certificate' }), seen(start), 'renew'],
  ['the successor is new', staged, seen(start + 61 * dayMs + 3_599_000), 'rest'],
  ['the successor has settled', staged, seen(start + 61 * dayMs + 3_600_000), 'promote'],
  ['someone was not told of its authority', staged, seen(start + 62 * dayMs, { published: false }), 'rest'],
  [
    'someone was never told, but there is no time left',
    staged,
    seen(start + 90 * dayMs, { published: false }),
    'promote',
  ],
  ['the successor is of no use', () => ({ ...staged(), next: first }), seen(start + 91 * dayMs), 'renew'],
  ['an authority expired', () => ({ ...staged(), current: second, next: undefined }), seen(start + 91 * dayMs), 'tidy'],
  [
    'what is trusted is no certificate',
    () => held(first, { authorities: [first.authority, '?'] }),
    seen(start),
    'tidy',
  ],
])('when %s', (_, certificates, what, step) => {
  expect(nextStep(certificates(), what)).toBe(step);
});

test('each step leaves trusted whatever is still shown, and shows nothing untrusted', () => {
  const now = start + 61 * dayMs;
  const afterStage = afterStep(held(first), { kind: 'stage', issued: second }, now);
  expect(afterStage).toMatchObject({ current: { certificate: first.certificate }, next: second });
  expect(afterStage.authorities).toEqual([second.authority, first.authority]);

  const afterPromote = afterStep(afterStage, { kind: 'promote' }, now);
  expect(afterPromote).toEqual({ current: second, next: undefined, authorities: afterStage.authorities });

  const afterTidy = afterStep(afterPromote, { kind: 'tidy' }, start + 90 * dayMs);
  expect(afterTidy).toEqual({ current: second, next: undefined, authorities: [second.authority] });

  const afterRenew = afterStep(staged(), { kind: 'renew', issued: second }, now);
  expect(afterRenew).toMatchObject({ current: second, next: undefined });
});
