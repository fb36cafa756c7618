type Labels = Readonly<Record<string, string>>;

/** A metric in Prometheus' text format, version 0.0.4. */
interface Metric {
  lines(): string[];
}

function head(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

/** Label values are names of our own, without quotes, backslashes and line ends. */
function labelled(name: string, labels: Labels): string {
  const text = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return text.length === 0 ? name : `${name}{${text.join(",")}}`;
}

/** A number that only grows, for each set of labels. */
export class Counter implements Metric {
  readonly #name: string;
  readonly #help: string;
  readonly #values = new Map<string, number>();

  constructor(name: string, help: string) {
    this.#name = name;
    this.#help = help;
  }

  add(labels: Labels, amount = 1): void {
    const series = labelled(this.#name, labels);
    this.#values.set(series, (this.#values.get(series) ?? 0) + amount);
  }

  lines(): string[] {
    return [...head(this.#name, "counter", this.#help), ...[...this.#values].map(([key, n]) => `${key} ${n}`)];
  }
}

/** A number read when it is asked for. */
export class Gauge implements Metric {
  readonly #name: string;
  readonly #help: string;
  readonly #type: "gauge" | "counter";
  readonly #read: () => number;

  constructor(name: string, help: string, read: () => number, type: "gauge" | "counter" = "gauge") {
    this.#name = name;
    this.#help = help;
    this.#read = read;
    this.#type = type;
  }

  lines(): string[] {
    return [...head(this.#name, this.#type, this.#help), `${this.#name} ${this.#read()}`];
  }
}

/** Upper bounds of the buckets, in seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

interface Seconds {
  readonly labels: Labels;
  readonly counts: number[];
  sum: number;
  count: number;
}

/** How long something took, as numbers of times below fixed bounds, for each set of labels. */
export class Histogram implements Metric {
  readonly #name: string;
  readonly #help: string;
  readonly #series = new Map<string, Seconds>();

  constructor(name: string, help: string) {
    this.#name = name;
    this.#help = help;
  }

  observe(labels: Labels, seconds: number): void {
    const key = labelled(this.#name, labels);
    const series = this.#series.get(key) ?? { labels, counts: bounds.map(() => 0), sum: 0, count: 0 };
    this.#series.set(key, series);
    for (const [i, bound] of bounds.entries()) if (seconds <= bound) series.counts[i]!++;
    series.sum += seconds;
    series.count++;
  }

  lines(): string[] {
    const rows = [...this.#series.values()].flatMap(({ labels, counts, sum, count }) => [
      ...bounds.map((le, i) => `${labelled(`${this.#name}_bucket`, { ...labels, le: String(le) })} ${counts[i]}`),
      `${labelled(`${this.#name}_bucket`, { ...labels, le: "+Inf" })} ${count}`,
      `${labelled(`${this.#name}_sum`, labels)} ${sum}`,
      `${labelled(`${this.#name}_count`, labels)} ${count}`,
    ]);
    return [...head(this.#name, "histogram", this.#help), ...rows];
  }
}

/** Metrics as the text that Prometheus reads. */
export function metricsText(metrics: readonly Metric[]): string {
  return `${metrics.flatMap((metric) => metric.lines()).join("\n")}\n`;
}
