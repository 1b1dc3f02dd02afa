import type { Counter, Histogram, HistogramSpec, Labels, Metrics, MetricSpec } from './metrics.ts';

export interface MetricsRegistry extends Metrics {
  /** All metrics in the text format of Prometheus, version 0.0.4. */
  text(): string;
}

type Type = 'counter' | 'gauge' | 'histogram';

interface Series {
  /** @param labels as `name="value"` with commas between, without braces */
  lines(name: string, labels: string): string;
}

interface Family {
  readonly help: string;
  readonly type: Type;
  readonly series: Map<string, Series>;
}

/** Metrics kept in this process, for {@link HealthServer} to show. */
export function metricsRegistry(): MetricsRegistry {
  const families = new Map<string, Family>();

  const seriesOf = (type: Type, { name, help }: MetricSpec) => {
    const family = families.get(name) ?? { help, type, series: new Map<string, Series>() };
    if (family.type !== type) throw new Error(`metric ${name} is a ${family.type}, and was asked for as a ${type}`);
    families.set(name, family);
    return family.series;
  };
  const known = <S extends Series>(series: Map<string, Series>, labels: Labels, make: () => S): S => {
    const spelling = spelled(labels);
    const one = (series.get(spelling) as S | undefined) ?? make();
    series.set(spelling, one);
    return one;
  };

  return {
    counter: (spec, labels) => known(seriesOf('counter', spec), labels, () => new CounterSeries()),
    histogram: (spec, labels) => known(seriesOf('histogram', spec), labels, () => new HistogramSeries(spec)),
    gauge(spec, labels, read) {
      const lines = (name: string, labels: string) => line(name, labels, read());
      seriesOf('gauge', spec).set(spelled(labels), { lines });
    },
    text() {
      let text = '';
      for (const [name, { help, type, series }] of families) {
        text += `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n`;
        for (const [labels, one] of series) text += one.lines(name, labels);
      }
      return text;
    },
  };
}

class CounterSeries implements Counter, Series {
  #value = 0;

  add(by = 1): void {
    if (by < 0) throw new RangeError(`a counter only grows, and was to grow by ${by}`);
    this.#value += by;
  }

  lines(name: string, labels: string): string {
    return line(name, labels, this.#value);
  }
}

class HistogramSeries implements Histogram, Series {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  constructor({ buckets }: HistogramSpec) {
    this.#bounds = [...buckets, Infinity];
    this.#counts = new Float64Array(this.#bounds.length);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#counts[this.#bounds.findIndex((bound) => value <= bound)]! += 1;
  }

  lines(name: string, labels: string): string {
    const before = labels === '' ? '' : `${labels},`;
    let text = '';
    let count = 0;
    for (const [index, bound] of this.#bounds.entries()) {
      count += this.#counts[index]!;
      text += line(`${name}_bucket`, `${before}le="${numeral(bound)}"`, count);
    }
    return text + line(`${name}_sum`, labels, this.#sum) + line(`${name}_count`, labels, count);
  }
}

const line = (name: string, labels: string, value: number) =>
  `${name}${labels === '' ? '' : `{${labels}}`} ${numeral(value)}\n`;

const numeral = (value: number) => (Math.abs(value) === Infinity ? `${value < 0 ? '-' : '+'}Inf` : String(value));

const spelled = (labels: Labels) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`)
    .join(',');

const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
