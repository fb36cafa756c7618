import { ConfigError } from "../util/errors.ts";
import type { Batch } from "./batch.ts";
import type { ChannelStats } from "./transforms/normalize.ts";

/** Mean and unbiased standard deviation of every channel of a batch that is not normalised (fastai-spec §2.7). */
export function batchStats({ images, n, height, width }: Batch): ChannelStats {
  const pixels = height * width;
  const measure = (channel: number): { mean: number; std: number } => {
    let sum = 0;
    let squares = 0;
    const each = (visit: (value: number) => void): void => {
      for (let i = 0; i < n; i++) {
        const from = (3 * i + channel) * pixels;
        for (let p = from; p < from + pixels; p++) visit(images[p]!);
      }
    };
    each((value) => (sum += value));
    const mean = sum / (n * pixels);
    each((value) => (squares += (value - mean) ** 2));
    return { mean, std: Math.sqrt(squares / Math.max(n * pixels - 1, 1)) };
  };
  const [red, green, blue] = [measure(0), measure(1), measure(2)];
  return { mean: [red.mean, green.mean, blue.mean], std: [red.std, green.std, blue.std] };
}

/** The statistics, or a ConfigError unless there are a mean and a deviation above 0 for each of the three channels. */
export function requireStats(stats: ChannelStats): ChannelStats {
  for (const [name, values] of Object.entries({ mean: stats.mean, std: stats.std })) {
    if (values.length !== 3)
      throw new ConfigError(`normalize: ${name}: expected 3 numbers, one a channel, but received ${values.length}`, {
        hint: "Pictures have 3 channels: grey ones are read as three equal ones, an alpha channel is dropped.",
      });
    if (!values.every((value) => Number.isFinite(value) && (name === "mean" || value > 0)))
      throw new ConfigError(
        `normalize: ${name}: expected finite numbers${name === "std" ? " above 0" : ""}, but received ${values.join(", ")}`,
      );
  }
  return stats;
}
