import { systemClock, type Clock } from '../clock.ts';
import type { Client } from '../client.ts';
import { silentLog, type Log } from '../log.ts';
import { manager } from '../manager.ts';
import { caBundleController } from './certificates/ca-bundle.controller.ts';
import { certificateController } from './certificates/certificate.controller.ts';
import { configurationsOf, type ConfigurationNames } from './certificates/configurations.ts';
import type { Handler } from './review/handler.ts';
import { webhookServer } from './server.ts';

export interface WebhooksOptions {
  readonly client: Client;
  readonly handlers: readonly Handler[];
  /** The Service that the API server calls. The Secret with the certificates is in its namespace. */
  readonly service: { readonly namespace: string; readonly name: string };
  /** Further DNS names and IP addresses to be called by, such as those of a `url`; the same in all replicas. */
  readonly names?: readonly string[];
  /** `NAME-certificates` after the service unless given. */
  readonly secretName?: string;
  /** Whose `caBundle` is kept right. */
  readonly configurations: ConfigurationNames;
  readonly port?: number;
  /** Address to listen on; all unless given. */
  readonly host?: string;
  /** Longest body; by default what two objects as large as API servers take have room in. */
  readonly maxBodyBytes?: number;
  /** How long reviews that run when the server stops may still take. */
  readonly graceMs?: number;
  /** How long a certificate is valid; after two thirds of that it is replaced. */
  readonly lifetimeMs?: number;
  /** How long a new authority is known to the API server before anything that it signed is shown. */
  readonly settleMs?: number;
  readonly clock?: Clock;
  readonly log?: Log;
}

export interface Webhooks {
  /** The port, once there is a certificate and reviews are answered. */
  readonly listening: Promise<number>;
  /**
   * Runs until `signal` aborts; resolves when the last answer has been given. Every replica runs it.
   * @throws when it can't listen
   */
  run(signal: AbortSignal): Promise<void>;
}

const hourMs = 3_600_000;

export const webhookDefaults = {
  port: 9443,
  maxBodyBytes: 7 * 1024 ** 2,
  graceMs: 10_000,
  lifetimeMs: 90 * 24 * hourMs,
  settleMs: hourMs,
} as const;

/** A webhook server with certificates of its own making, which the API server is told to trust. */
export function webhooks(options: WebhooksOptions): Webhooks {
  const { client, handlers, service, names = [], clock = systemClock, log = silentLog } = options;
  const { port, maxBodyBytes, graceMs, lifetimeMs, settleMs } = { ...webhookDefaults, ...options };
  const { namespace, name } = service;
  const secret = { namespace, name: options.secretName ?? `${name}-certificates` };
  const configurations = configurationsOf(options.configurations);
  const server = webhookServer({ handlers, port, host: options.host, maxBodyBytes, graceMs, clock, log });
  const certificates = certificateController({
    secret,
    names: [`${name}.${namespace}.svc`, ...names],
    configurations,
    lifetimeMs,
    settleMs,
    use: (certificate) => server.use(certificate),
  });
  const bundles = configurations.map((configuration) => caBundleController(configuration, secret));
  const keeper = manager({ client, clock, log, controllers: [certificates, ...bundles] });

  return {
    listening: server.listening,
    async run(signal) {
      const stop = new AbortController();
      const until = AbortSignal.any([signal, stop.signal]);
      const runs = [keeper.run(until), server.run(until)].map((run) => run.finally(() => stop.abort()));
      for (const end of await Promise.allSettled(runs)) if (end.status === 'rejected') throw end.reason;
    },
  };
}
