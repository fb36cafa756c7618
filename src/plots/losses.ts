import { ConfigError } from "../util/errors.ts";
import { render } from "./render.ts";
import { drawn, type Point, trimmed } from "./series.ts";
import type { PlotOptions } from "./theme.ts";

/** The losses of a fit. */
export interface LossHistory {
  /** Smoothed training loss of every batch. */
  readonly train: readonly number[];
  /** Where `train` has only every second or every nth batch: that n; default 1. */
  readonly every?: number;
  /** Validation losses, each at the number of batches trained by then. */
  readonly valid: readonly { readonly batch: number; readonly loss: number }[];
}

export interface LossesPlotOptions extends PlotOptions {
  /** Batches left out at the start, where the loss is high; default 0. */
  readonly skipStart?: number;
  /** Batches left out at the end; default 0. */
  readonly skipEnd?: number;
}

/**
 * Training and validation loss over the batches processed, as SVG (fastai's `recorder.plot_losses`).
 * @throws ConfigError when no batch is left to draw.
 * @see fastai-spec §5.8
 * @example const svg = await lossesPlot({ train: [2.1, 1.4, 1.1], valid: [{ batch: 3, loss: 1.3 }] });
 */
export async function lossesPlot(losses: LossHistory, options: LossesPlotOptions = {}): Promise<string> {
  const { skipStart = 0, skipEnd = 0, theme } = options;
  const { every = 1 } = losses;
  const train = drawn(trimmed(losses.train, skipStart, skipEnd)).map(({ x, y }) => ({ x: x * every, y }));
  if (train.length === 0)
    throw new ConfigError("plotLosses: no loss is recorded", {
      hint:
        losses.train.length === 0
          ? "Train first; the plot shows the last fit."
          : `Leave out fewer than the ${losses.train.length} batches there are.`,
    });
  const [first, last] = [skipStart * every, (losses.train.length - skipEnd) * every];
  const valid: Point[] = losses.valid
    .map(({ batch, loss }) => ({ x: batch, y: loss }))
    .filter(({ x, y }) => x >= first && x <= last && Number.isFinite(y));
  const rows = [
    ...train.map((point) => ({ ...point, of: "training (smoothed)" })),
    ...valid.map((point) => ({ ...point, of: "validation" })),
  ];
  return render(
    {
      title: "Loss",
      width: 450,
      height: 270,
      data: { values: rows },
      encoding: {
        x: { field: "x", type: "quantitative", title: "Batches processed", scale: { nice: false, zero: false } },
        y: { field: "y", type: "quantitative", title: "Loss", scale: { zero: false } },
        color: {
          field: "of",
          type: "nominal",
          title: null,
          scale: { domain: ["training (smoothed)", ...(valid.length > 0 ? ["validation"] : [])] },
          legend: { orient: "top", symbolType: "stroke" },
        },
      },
      layer: [
        { mark: { type: "line" } },
        {
          mark: { type: "point", filled: true, size: 45, opacity: 1 },
          transform: [{ filter: "datum.of == 'validation'" }],
        },
      ],
    },
    theme,
  );
}
