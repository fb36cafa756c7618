import type { Prediction } from "./answers.node.ts";
import { Counter, Gauge, Histogram, metricsText } from "./metrics.ts";
import type { PredictionService } from "./service.node.ts";

/** What a server tells Prometheus of its work. */
export class ServeMetrics {
  readonly #requests = new Counter("segkit_http_requests_total", "Answered requests.");
  readonly #requestSeconds = new Histogram("segkit_http_request_seconds", "Seconds from a request to its answer.");
  readonly #stageSeconds = new Histogram("segkit_prediction_seconds", "Seconds of a prediction, stage by stage.");
  readonly #pixels = new Counter("segkit_pixels_total", "Pixels of the pictures that were predicted.");
  readonly #service: PredictionService;

  constructor(service: PredictionService) {
    this.#service = service;
  }

  /** Counts an answered request. */
  answered(route: string, status: number, milliseconds: number): void {
    this.#requests.add({ route, status: String(status) });
    this.#requestSeconds.observe({ route }, milliseconds / 1000);
  }

  /** Counts a prediction. */
  predicted({ mask, milliseconds }: Prediction, encode: number): void {
    for (const [stage, time] of Object.entries({ ...milliseconds, encode }))
      this.#stageSeconds.observe({ stage }, time / 1000);
    this.#pixels.add({}, mask.data.length);
  }

  text(): string {
    const { queue } = this.#service;
    return metricsText([
      this.#requests,
      this.#requestSeconds,
      this.#stageSeconds,
      this.#pixels,
      new Gauge("segkit_requests_inside", "Requests that are read, wait or are worked on.", () => queue.inside),
      new Gauge("segkit_requests_waiting", "Requests that wait for their turn.", () => queue.waiting),
      new Gauge("segkit_ready", "1 when the model is loaded.", () => Number(this.#service.ready)),
      new Gauge("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss()),
      new Gauge("nodejs_heap_size_used_bytes", "Used heap of the main thread.", () => process.memoryUsage().heapUsed),
      new Gauge("nodejs_external_memory_bytes", "Memory of its buffers.", () => process.memoryUsage().external),
      new Gauge("process_cpu_seconds_total", "Processor time of all threads.", cpuSeconds, "counter"),
    ]);
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
