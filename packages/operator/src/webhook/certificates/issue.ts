// Loaded only when a certificate has to be made: what it imports is large, and rarely of use.
// oxlint-disable-next-line import/no-unassigned-import -- what comes after it looks for its globals
import 'reflect-metadata';
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { backdateMs, type ServingCertificate } from './serving-certificate.ts';

export interface Issue {
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly lifetimeMs: number;
}

/** A serving certificate, and the certificate of the authority that signed it alone. Both PEM. */
export interface Issued extends ServingCertificate {
  readonly authority: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * Makes a certificate authority that signs one serving certificate and then is lost with its key: nobody can sign
 * another. Both are valid for the same time.
 */
export async function issue({ names, now, lifetimeMs }: Issue): Promise<Issued> {
  const authorityKeys = await keyPair();
  const servingKeys = await keyPair();
  const id = randomBytes(8).toString('hex');
  const authorityName = `CN=webhook CA ${id}`;
  const validity = { notBefore: wholeSeconds(now - backdateMs), notAfter: wholeSeconds(now + lifetimeMs) };

  const authority = await X509CertificateGenerator.createSelfSigned(
    {
      ...validity,
      name: authorityName,
      keys: authorityKeys,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
        await SubjectKeyIdentifierExtension.create(authorityKeys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const certificate = await X509CertificateGenerator.create(
    {
      ...validity,
      subject: `CN=webhook ${id}`,
      issuer: authorityName,
      publicKey: servingKeys.publicKey,
      signingKey: authorityKeys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))),
        await AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const key = KeyObject.from(servingKeys.privateKey).export({ type: 'pkcs8', format: 'pem' });
  return { authority: pem(authority), certificate: pem(certificate), key: key.toString() };
}

const keyPair = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

/** Certificates know no smaller unit of time. */
const wholeSeconds = (ms: number) => new Date(Math.floor(ms / 1000) * 1000);

const pem = (certificate: { toString(format: 'pem'): string }) => `${certificate.toString('pem').trim()}\n`;
