import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** What a TLS server shows and the key that proves it. Both PEM. */
export interface ServingCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Certificates are valid from so long before they were made, for clients whose clocks are behind. */
export const backdateMs = 3_600_000;

/** A certificate is due to be replaced after this part of its life. */
const renewAfter = 2 / 3;

/**
 * Whether a server may show a certificate now: it is within its time, belongs to its key, covers all names, and is
 * signed by one of the authorities that are within theirs.
 * @param authorities PEM, one certificate each
 * @param names DNS names and IP addresses
 * @param now milliseconds since 1970
 */
export function isUsable(
  { certificate, key }: ServingCertificate,
  authorities: readonly string[],
  names: readonly string[],
  now: number,
): boolean {
  const shown = parsed(certificate);
  return (
    shown !== undefined &&
    isWithin(shown, now) &&
    names.every((name) => covers(shown, name)) &&
    belongsTo(shown, key) &&
    authorities.some((authority) => isSignedBy(shown, authority, now))
  );
}

/** Whether a certificate's time has not run out; what is no certificate has none. */
export function isUnexpired(certificate: string, now: number): boolean {
  const read = parsed(certificate);
  return read !== undefined && now < endOf(read);
}

/** When a certificate was made, in milliseconds since 1970. */
export function issuedAt(certificate: string): number {
  return startOf(new X509Certificate(certificate)) + backdateMs;
}

/** When a certificate is due to be replaced, in milliseconds since 1970. */
export function renewAt(certificate: string): number {
  const read = new X509Certificate(certificate);
  return startOf(read) + renewAfter * (endOf(read) - startOf(read));
}

function isSignedBy(certificate: X509Certificate, authority: string, now: number): boolean {
  const signer = parsed(authority);
  return signer !== undefined && isWithin(signer, now) && certificate.verify(signer.publicKey);
}

function belongsTo(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function covers(certificate: X509Certificate, name: string): boolean {
  const found = isIP(name) === 0 ? certificate.checkHost(name, { subject: 'never' }) : certificate.checkIP(name);
  return found !== undefined;
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

const startOf = (certificate: X509Certificate) => certificate.validFromDate.getTime();
const endOf = (certificate: X509Certificate) => certificate.validToDate.getTime();
const isWithin = (certificate: X509Certificate, now: number) => startOf(certificate) <= now && now < endOf(certificate);
