import type { Result } from '../result.ts';
import type { HistogramSpec, MetricSpec, Metrics } from './metrics.ts';

/** As controller-runtime names them, so that the dashboards made for it fit. */
const specs = {
  total: {
    name: 'controller_runtime_reconcile_total',
    help: 'Total number of reconciliations per controller',
  },
  errors: {
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Total number of reconciliation errors per controller',
  },
  panics: {
    name: 'controller_runtime_reconcile_panics_total',
    help: 'Total number of reconciliations that ended with an error of the JavaScript engine, per controller',
  },
  seconds: {
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Length of time per reconciliation per controller',
    buckets: [
      0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75,
      2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
    ],
  },
  active: {
    name: 'controller_runtime_active_workers',
    help: 'Number of currently used workers per controller',
  },
  most: {
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Maximum number of concurrent reconciles per controller',
  },
} satisfies Record<string, MetricSpec | HistogramSpec>;

export type Outcome = 'success' | 'requeue' | 'requeue_after' | 'error';

/** A pass that did not fail. */
type Passed = Exclude<Result, { kind: 'failed' }>;

const outcomes = { done: 'success', again: 'requeue', after: 'requeue_after', gone: 'success' } satisfies Record<
  Passed['kind'],
  Outcome
>;

export const outcomeOf = ({ kind }: Passed): Outcome => outcomes[kind];

/** What one controller tells of its passes. */
export interface ControllerMetrics {
  passed(outcome: Outcome, seconds: number): void;
  failed(error: unknown, seconds: number): void;
}

export function controllerMetrics(
  metrics: Metrics,
  controller: string,
  concurrency: number,
  running: () => number,
): ControllerMetrics {
  const labels = { controller };
  const total = (result: Outcome) => metrics.counter(specs.total, { controller, result });
  const totals = {
    success: total('success'),
    error: total('error'),
    requeue: total('requeue'),
    requeue_after: total('requeue_after'),
  };
  const errors = metrics.counter(specs.errors, labels);
  const panics = metrics.counter(specs.panics, labels);
  const histogram = metrics.histogram(specs.seconds, labels);
  metrics.gauge(specs.active, labels, running);
  metrics.gauge(specs.most, labels, () => concurrency);

  const passed = (outcome: Outcome, seconds: number) => {
    totals[outcome].add();
    histogram.observe(seconds);
  };
  return {
    passed,
    failed(error, seconds) {
      passed('error', seconds);
      errors.add();
      if (isPanic(error)) panics.add();
    },
  };
}

/** What the engine throws at a mistake in the program, where Go would panic. */
function isPanic(error: unknown): boolean {
  return error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
}
