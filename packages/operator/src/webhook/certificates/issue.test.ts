import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { issue } from './issue.ts';

const now = Date.UTC(2026, 0, 1);
const hourMs = 3_600_000;

test('a certificate serves its names, is signed by its authority, and signs nothing itself', async () => {
  const issued = await issue({ names: ['hook.ns.svc', '127.0.0.1', 'fd00::1'], now, lifetimeMs: hourMs });
  const certificate = new X509Certificate(issued.certificate);
  const authority = new X509Certificate(issued.authority);
  expect(certificate.subjectAltName).toBe('DNS:hook.ns.svc, IP Address:127.0.0.1, IP Address:FD00:0:0:0:0:0:0:1');
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(certificate.checkIssued(authority)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(issued.key))).toBe(true);
  expect([authority.ca, certificate.ca]).toEqual([true, false]);
  expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
});

test('both are valid for the lifetime, and from an hour before for clocks that are behind', async () => {
  const issued = await issue({ names: ['hook.ns.svc'], now: now + 1, lifetimeMs: hourMs });
  for (const pem of [issued.certificate, issued.authority]) {
    const { validFromDate, validToDate } = new X509Certificate(pem);
    expect([validFromDate.getTime(), validToDate.getTime()]).toEqual([now - hourMs, now + hourMs]);
  }
});

test('no two authorities have a name in common, so that either can be trusted beside the other', async () => {
  const [one, other] = await Promise.all([1, 2].map(() => issue({ names: ['hook.ns.svc'], now, lifetimeMs: hourMs })));
  expect(new X509Certificate(one!.authority).subject).not.toBe(new X509Certificate(other!.authority).subject);
  expect(new X509Certificate(one!.certificate).checkIssued(new X509Certificate(other!.authority))).toBe(false);
});
