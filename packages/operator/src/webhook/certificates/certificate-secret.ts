import type { Secret } from '../../builtin.ts';
import type { Selection } from '../../client.ts';
import type { ObjectKey } from '../../resource.ts';
import type { Certificates } from './rotation.ts';
import type { ServingCertificate } from './serving-certificate.ts';

/** The API server lets nobody change a Secret's type: by it we know ours. */
export const secretType = 'dot-kube.io/webhook-certificates';

/** A Secret's name and namespace. */
export type SecretKey = Required<ObjectKey>;

export const selectSecret = ({ namespace, name }: SecretKey): Selection => ({
  namespace,
  fieldSelector: `metadata.name=${name}`,
});

/**
 * The certificates that a Secret holds. What is missing or unreadable is as if it were not there.
 * @throws when the Secret is not of our type: it may be dear to someone
 */
export function certificatesIn(secret: Readonly<Secret>): Certificates {
  const { name, namespace } = secret.metadata;
  if (secret.type !== secretType) {
    throw new Error(
      `Secret ${namespace}/${name} is of type ${secret.type}, not ${secretType}: it is not for webhook certificates. ` +
        'Name another Secret, or delete this one.',
    );
  }
  return {
    current: pairIn(secret, 'tls'),
    next: pairIn(secret, 'next'),
    authorities: textIn(secret, 'ca.crt').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? [],
  };
}

/** The authorities as a Secret of ours and a `caBundle` carry them: base64 of PEM; undefined when there are none. */
export function caBundleIn(secret: Readonly<Secret> | undefined): string | undefined {
  return secret?.type === secretType ? secret.data?.['ca.crt'] : undefined;
}

/** A Secret that holds these certificates, and nothing else. */
export function secretOf(
  { current, next, authorities }: Certificates,
  metadata: SecretKey | Readonly<Secret>['metadata'],
): Secret {
  return {
    metadata,
    type: secretType,
    data: { ...dataOf('tls', current), ...dataOf('next', next), 'ca.crt': base64(authorities.join('')) },
  };
}

function pairIn(secret: Readonly<Secret>, name: string): ServingCertificate | undefined {
  const pair = { certificate: textIn(secret, `${name}.crt`), key: textIn(secret, `${name}.key`) };
  return pair.certificate === '' || pair.key === '' ? undefined : pair;
}

function dataOf(name: string, pair: ServingCertificate | undefined): Record<string, string> {
  return pair === undefined ? {} : { [`${name}.crt`]: base64(pair.certificate), [`${name}.key`]: base64(pair.key) };
}

const textIn = (secret: Readonly<Secret>, key: string) => Buffer.from(secret.data?.[key] ?? '', 'base64').toString();
const base64 = (text: string) => Buffer.from(text).toString('base64');
