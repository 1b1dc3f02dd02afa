export type Labels = Readonly<Record<string, string>>;

/** What a metric is called and what it tells, the same for all its labels. */
export interface MetricSpec {
  /** By the conventions of Prometheus: the unit at its end, and `_total` for counters. */
  readonly name: string;
  readonly help: string;
}

export interface HistogramSpec extends MetricSpec {
  /** Upper bounds, growing; what is above all of them is counted too. */
  readonly buckets: readonly number[];
}

export interface Counter {
  add(by?: number): void;
}

export interface Histogram {
  observe(value: number): void;
}

/**
 * Where metrics go. Each call names one series: asking for it again gives the same one. The framework takes any
 * implementation and loads none; `metricsRegistry` is one, and one of prom-client's takes twenty lines.
 */
export interface Metrics {
  counter(spec: MetricSpec, labels: Labels): Counter;
  histogram(spec: HistogramSpec, labels: Labels): Histogram;
  /** The value is asked for when someone looks, so that what nobody looks at costs nothing. The last `read` counts. */
  gauge(spec: MetricSpec, labels: Labels, read: () => number): void;
}
