import { databunch } from "../../data/databunch.node.ts";
import { requirePlotFile } from "../../plots/plot-file.ts";
import type { Theme } from "../../plots/theme.ts";
import type { CommandIo } from "../command.ts";
import { type MaskArguments, masksOf, transformsOf } from "../data-options.ts";
import { openData } from "../data-source.ts";
import { halfSize } from "../setup.ts";
import type { TrainOptions } from "../train-options.ts";

export interface DataShowOptions extends MaskArguments, Pick<TrainOptions, "size" | "transforms" | "seed"> {
  readonly out: string;
  /** Rows and columns of the sheet. */
  readonly rows: number;
  readonly list: "train" | "valid";
  readonly theme: Theme;
}

/** Draws the first batch that a training with the same options would see: pictures under the colours of their masks. */
export async function showData(source: string, options: DataShowOptions, io: CommandIo): Promise<void> {
  const { out, rows, list, theme, seed, transforms: name } = options;
  requirePlotFile(out);
  const dataset = await openData(source, io, { size: options.size, masks: await masksOf(options) });
  const size = options.size ?? (await halfSize(dataset));
  const [transforms, validTransforms] = transformsOf(name);
  const batchSize = Math.min(rows ** 2, dataset[list].length);
  const data = databunch(dataset, { size, batchSize, seed, transforms, validTransforms, dropLast: false });
  try {
    await data.showBatch({ rows, dsType: list, out, theme });
  } finally {
    await data.close();
  }
  io.output.line(`${batchSize} pictures at ${size.join("×")} in ${out}`);
  io.output.event("end", { out, pictures: batchSize, size });
}
