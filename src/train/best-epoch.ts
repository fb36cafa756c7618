import { z } from "zod";
import { parseJson } from "../util/parse-json.ts";

/** A number in JSON, which has no NaN and no infinity: both become null, and NaN again. */
export const real = z
  .number()
  .nullable()
  .transform((value) => value ?? NaN);

const schema = z.object({
  /** Counted through the run, from 0. */
  epoch: z.int().min(0),
  loss: real,
  metrics: z.record(z.string(), real),
});

/** What weights reached in the epoch they are of; the file of a run's best weights says it of itself. */
export type BestEpoch = z.output<typeof schema>;

/** As metadata of a file of weights. */
export function encodeBestEpoch({ epoch, loss, metrics }: BestEpoch): Record<string, string> {
  return { best: JSON.stringify({ epoch, loss, metrics }) };
}

/** What `encodeBestEpoch` wrote; undefined where a file does not say it. */
export function decodeBestEpoch({ best }: Readonly<Record<string, string>>): BestEpoch | undefined {
  try {
    return schema.parse(parseJson(best ?? "null"));
  } catch {
    return undefined;
  }
}
