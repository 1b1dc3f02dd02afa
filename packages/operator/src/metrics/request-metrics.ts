import type { RequestObserver } from '../transport/observed.ts';
import type { HistogramSpec, MetricSpec, Metrics } from './metrics.ts';

/** As client-go names them. */
const specs = {
  requests: {
    name: 'rest_client_requests_total',
    help: 'Number of HTTP requests, partitioned by status code, method, and host.',
  },
  seconds: {
    name: 'rest_client_request_duration_seconds',
    help: 'Request latency in seconds, until the head of the answer. Broken down by verb, and host.',
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60],
  },
} satisfies Record<string, MetricSpec | HistogramSpec>;

/** What a client tells of its requests: `kubernetesClient(connection, { observe: requestMetrics(metrics) })`. */
export const requestMetrics =
  (metrics: Metrics): RequestObserver =>
  ({ method, host, code, seconds }) => {
    metrics.counter(specs.requests, { code: code === undefined ? '<error>' : `${code}`, method, host }).add();
    metrics.histogram(specs.seconds, { verb: method, host }).observe(seconds);
  };
