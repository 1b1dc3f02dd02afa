import { isAlreadyExists } from '../../api-error.ts';
import { builtin, type Secret } from '../../builtin.ts';
import type { Cache } from '../../cache.ts';
import { controller, type AbsentPass, type Controller } from '../../controller.ts';
import { keyOf } from '../../resource.ts';
import { after, done, type Result } from '../../result.ts';
import { caBundleIn, certificatesIn, secretOf, selectSecret, type SecretKey } from './certificate-secret.ts';
import { trusts, type Configuration } from './configurations.ts';
import type { Issued } from './issue.ts';
import { afterStep, nextStep, type Certificates, type Step } from './rotation.ts';
import type { ServingCertificate } from './serving-certificate.ts';

export interface CertificateOptions {
  readonly secret: SecretKey;
  /** DNS names and IP addresses that the API server calls us by; the same in all replicas. */
  readonly names: readonly string[];
  /** Who must trust a new authority before anything that it signed is shown. */
  readonly configurations: readonly Configuration[];
  readonly lifetimeMs: number;
  readonly settleMs: number;
  /** Told at each pass which certificate is to be shown. */
  readonly use: (certificate: ServingCertificate) => void;
}

/** How often the certificates are held against the clock. */
const lookEveryMs = 60_000;

/** A replica whose own certificate was made unusable so soon waits: another seems to do the same, the other way. */
const renewPauseMs = 60_000;

const nothing: Certificates = { current: undefined, next: undefined, authorities: [] };

/** Makes and rotates the certificates in one Secret, which all replicas of a webhook share. */
export function certificateController(options: CertificateOptions): Controller {
  const { secret, names, configurations, lifetimeMs, settleMs, use } = options;
  let renewedAt = -Infinity;

  const change = async (
    { client, log, now: clock }: AbsentPass,
    object: Readonly<Secret> | undefined,
    held: Certificates,
    step: Exclude<Step, 'rest'>,
  ): Promise<Result> => {
    const now = clock();
    if (object !== undefined && step === 'renew' && Math.abs(now - renewedAt) < renewPauseMs) {
      log.error({}, 'Another replica undoes our certificates: are the clocks and names of all replicas the same?');
      return after(renewPauseMs);
    }
    const next =
      step === 'renew' || step === 'stage'
        ? afterStep(held, { kind: step, issued: await issued(names, now, lifetimeMs) }, now)
        : afterStep(held, { kind: step }, now);
    if (object === undefined) await client.create(builtin.Secret, secretOf(next, secret));
    else await client.update(builtin.Secret, secretOf(next, object.metadata));
    if (step === 'renew') renewedAt = now;
    log.info({ step }, 'Changed webhook certificates');
    return done;
  };

  return controller({
    name: 'webhook-certificate',
    resource: builtin.Secret,
    select: selectSecret(secret),
    seeds: [keyOf(secret)],
    resyncMs: lookEveryMs,
    reconcile: async ({ object, ...pass }) => {
      const held = certificatesIn(object);
      const published = isPublished(pass.cache, configurations, caBundleIn(object));
      const step = nextStep(held, { names, now: pass.now(), published, settleMs });
      if (step === 'rest' || step === 'stage' || step === 'tidy') use(held.current!);
      return step === 'rest' ? done : change(pass, object, held, step);
    },
    async absent(pass) {
      try {
        return await change(pass, undefined, nothing, 'renew');
      } catch (error) {
        if (isAlreadyExists(error)) return done;
        throw error;
      }
    },
  });
}

/** A configuration that is not there calls nobody. */
function isPublished(cache: Cache, configurations: readonly Configuration[], caBundle: string | undefined): boolean {
  return configurations.every(({ resource, name }) => {
    const configuration = cache.get(resource, name);
    return configuration === undefined || (caBundle !== undefined && trusts(configuration, caBundle));
  });
}

/** What makes certificates is large, and most replicas never need it. */
async function issued(names: readonly string[], now: number, lifetimeMs: number): Promise<Issued> {
  const { issue } = await import('./issue.ts');
  return issue({ names, now, lifetimeMs });
}
