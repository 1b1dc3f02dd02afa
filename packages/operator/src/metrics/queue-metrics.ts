import type { QueueObserver, WorkQueue } from '../work-queue.ts';
import type { HistogramSpec, MetricSpec, Metrics } from './metrics.ts';

/** Ten-fold from 10 ns to 1,000 s. */
const buckets = Array.from({ length: 12 }, (_, power) => Number(`1e${power - 8}`));

/** As client-go's work queue names them. */
const specs = {
  depth: { name: 'workqueue_depth', help: 'Current depth of workqueue' },
  adds: { name: 'workqueue_adds_total', help: 'Total number of adds handled by workqueue' },
  retries: { name: 'workqueue_retries_total', help: 'Total number of retries handled by workqueue' },
  waited: {
    name: 'workqueue_queue_duration_seconds',
    help: 'How long in seconds an item stays in workqueue before being requested',
    buckets,
  },
  worked: {
    name: 'workqueue_work_duration_seconds',
    help: 'How long in seconds processing an item from workqueue takes.',
    buckets,
  },
  unfinished: {
    name: 'workqueue_unfinished_work_seconds',
    help: "How many seconds of work is in progress and hasn't been observed by work_duration. Large values indicate stuck passes.",
  },
  longest: {
    name: 'workqueue_longest_running_processor_seconds',
    help: 'How many seconds has the longest running processor for workqueue been running.',
  },
} satisfies Record<string, MetricSpec | HistogramSpec>;

/** @param queue asked for once the queue is there, which is made with the observer */
export function queueMetrics(metrics: Metrics, controller: string, queue: () => WorkQueue): QueueObserver {
  const labels = { name: controller, controller };
  const adds = metrics.counter(specs.adds, labels);
  const retries = metrics.counter(specs.retries, labels);
  const waited = metrics.histogram(specs.waited, labels);
  const worked = metrics.histogram(specs.worked, labels);
  metrics.gauge(specs.depth, labels, () => queue().depth());
  metrics.gauge(specs.unfinished, labels, () => sum(queue().running().values()) / 1000);
  metrics.gauge(specs.longest, labels, () => Math.max(0, ...queue().running().values()) / 1000);
  return {
    added: () => adds.add(),
    retried: () => retries.add(),
    started: (waitedMs) => waited.observe(waitedMs / 1000),
    ended: (workedMs) => worked.observe(workedMs / 1000),
  };
}

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
