import { type HealthServer, healthServer, type Metrics, metricsRegistry, requestMetrics } from '@dot-kube/operator';
import type { RequestObserver } from '@dot-kube/operator';

/** How Kubernetes and Prometheus see into a process; nothing is counted where nobody can ask. */
export interface Observability {
  readonly health?: HealthServer;
  readonly metrics?: Metrics;
  /** Told of each call to the API server. */
  readonly observe?: RequestObserver;
}

/**
 * Serves `/healthz`, `/readyz` and `/metrics`.
 * @param port as it was given on the command line; 0: nothing is served
 * @throws Error when that is no port
 */
export function observability(port: string): Observability {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new Error(`--health-port=${port} is no port. Give a number from 1 to 65535, or 0 to serve nothing.`);
  if (Number(port) === 0) return {};
  const metrics = metricsRegistry();
  return { metrics, health: healthServer({ port: Number(port), metrics }), observe: requestMetrics(metrics) };
}
