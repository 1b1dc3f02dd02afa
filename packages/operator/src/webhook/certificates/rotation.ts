import type { Issued } from './issue.ts';
import { isUnexpired, issuedAt, isUsable, renewAt, type ServingCertificate } from './serving-certificate.ts';

/** What the replicas of a webhook share. */
export interface Certificates {
  readonly current: ServingCertificate | undefined;
  /** Made, and its authority told to the API server, but not yet shown. */
  readonly next: ServingCertificate | undefined;
  /** All whom the API server is to trust, the newest first; PEM. */
  readonly authorities: readonly string[];
}

/**
 * - `rest`: all is as wanted.
 * - `renew`: nothing held can be shown; make a certificate and show it at once.
 * - `stage`: the current one is due; make its successor, whose authority must be trusted before it is shown.
 * - `promote`: show the successor.
 * - `tidy`: an authority expired, and with it all that it signed; trust it no longer.
 */
export type Step = 'rest' | 'renew' | 'stage' | 'promote' | 'tidy';

export interface Seen {
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether all who call the webhook were told of the authorities, as they are now. */
  readonly published: boolean;
  /** How long API servers are given to take in what they were told. */
  readonly settleMs: number;
}

/** What is to be done next about the certificates; told from what they are and the time alone. */
export function nextStep(certificates: Certificates, { names, now, published, settleMs }: Seen): Step {
  const { current, next, authorities } = certificates;
  const usable = (one: ServingCertificate | undefined) =>
    one !== undefined && isUsable(one, authorities, names, now) ? one : undefined;
  const shown = usable(current);
  const successor = usable(next);
  if (shown === undefined) return successor === undefined ? 'renew' : 'promote';
  if (successor === undefined && now >= renewAt(shown.certificate)) return 'stage';
  if (successor !== undefined && published && now >= issuedAt(successor.certificate) + settleMs) return 'promote';
  return authorities.every((authority) => isUnexpired(authority, now)) ? 'rest' : 'tidy';
}

/**
 * The certificates after a step. An authority stays until its time has run out, so that whoever still shows what it
 * signed is trusted as long as that is valid.
 */
export function afterStep(
  certificates: Certificates,
  step: { kind: 'renew' | 'stage'; issued: Issued } | { kind: 'promote' } | { kind: 'tidy' },
  now: number,
): Certificates {
  const authorities = certificates.authorities.filter((authority) => isUnexpired(authority, now));
  if (step.kind === 'tidy') return { ...certificates, authorities };
  if (step.kind === 'promote') return { current: certificates.next, next: undefined, authorities };
  const { issued } = step;
  const trusted = [issued.authority, ...authorities];
  return step.kind === 'stage'
    ? { current: certificates.current, next: issued, authorities: trusted }
    : { current: issued, next: undefined, authorities: trusted };
}
