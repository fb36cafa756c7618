import { pictureGrid } from "../plots/picture-grid.ts";
import { svgToPng } from "../plots/png.node.ts";
import type { Theme } from "../plots/theme.ts";
import { writePlot } from "../plots/write-plot.node.ts";
import { ConfigError } from "../util/errors.ts";
import type { Batch } from "./batch.ts";
import type { DataBunch, DatasetType } from "./databunch.ts";
import type { RgbImage } from "./image.ts";
import { overlay } from "./overlay.ts";
import type { Palette } from "./palette.ts";
import { denormalize } from "./transforms/normalize.ts";

export interface ShowBatchOptions {
  /** Rows and columns of the sheet, as far as the batch has pictures for them; default 5. */
  readonly rows?: number;
  /** Which loader's batch; default "train". */
  readonly dsType?: DatasetType;
  /** A .png or .svg file to write. */
  readonly out?: string;
  /** How strong the colours of the masks are, 0–1; default 0.5. */
  readonly alpha?: number;
  /** Whether the sheet is light or dark; default "light". */
  readonly theme?: Theme;
}

type Shown = Pick<DataBunch, "classes" | "palette" | "stats" | "ignoreIndex">;

/**
 * Up to rows² pictures of a batch in a square, as the network sees them but with their own colours, under the fixed
 * colours of their classes (pixels beyond the classes stay bare), with a legend.
 * @returns the sheet as PNG; `out` is written too.
 * @throws ConfigError for rows that are none, ResourceError if the file cannot be written.
 * @see fastai-spec §5.13
 */
export async function showBatch(data: Shown, batch: Batch, options: ShowBatchOptions = {}): Promise<Uint8Array> {
  const { rows = 5, alpha = 0.5, out, theme = "light" } = options;
  if (!Number.isInteger(rows) || rows < 1)
    throw new ConfigError(`showBatch: rows: expected a whole number of at least 1, but received ${rows}`);
  const count = Math.min(rows ** 2, batch.n);
  const columns = Math.ceil(Math.sqrt(count));
  const pictures = Array.from({ length: count }, (_, i) => pictureOf(data, batch, i, alpha));
  const sheet = Array.from({ length: Math.ceil(count / columns) }, (_, r) =>
    pictures.slice(r * columns, (r + 1) * columns),
  );
  const { classes, palette } = data;
  const svg = pictureGrid(sheet, { legend: { classes, palette }, theme });
  if (out !== undefined) await writePlot(out, svg);
  return svgToPng(svg);
}

/** One picture of a batch under the colours of its mask. */
export function pictureOf(
  { palette, stats }: Shown,
  { images, masks, height, width }: Batch,
  i: number,
  alpha: number,
): RgbImage {
  const pixels = height * width;
  const image = denormalize(images.subarray(3 * i * pixels, 3 * (i + 1) * pixels), { height, width }, stats);
  const ids = masks.subarray(i * pixels, (i + 1) * pixels);
  const painted = overlay(
    image,
    { data: Uint8Array.from(ids, (id) => Math.min(id, palette.length)), height, width },
    [...palette, [0, 0, 0]] satisfies Palette,
    alpha,
  );
  for (let p = 0; p < pixels; p++)
    if (ids[p]! >= palette.length) painted.data.set(image.data.subarray(3 * p, 3 * p + 3), 3 * p);
  return painted;
}
