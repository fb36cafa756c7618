import { ShapeError } from "../util/errors.ts";
import { render } from "./render.ts";
import { type PlotOptions, themes } from "./theme.ts";

/** Pixels of about the same confidence, as `Calibration` has them. */
export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly pixels: number;
  readonly confidence: number;
  readonly accuracy: number;
}

/** What a reliability diagram shows. */
export interface Reliability {
  readonly bins: readonly ReliabilityBin[];
  /** Expected calibration error in [0, 1]. */
  readonly error: number;
}

/**
 * Reliability diagram as SVG: how many of the pixels are right that the model is so sure of, beside the line where it is
 * neither too sure nor too modest; below, how many pixels those are.
 * @throws ShapeError for no bins.
 * @example const svg = await calibrationPlot(interp.calibration);
 */
export async function calibrationPlot({ bins, error }: Reliability, options: PlotOptions = {}): Promise<string> {
  if (bins.length === 0) throw new ShapeError("calibrationPlot: expected at least one bin, but received none");
  const { theme = "light" } = options;
  const { series, quiet } = themes[theme];
  const all = bins.reduce((sum, { pixels }) => sum + pixels, 0);
  const values = bins
    .filter(({ pixels }) => pixels > 0)
    .map(({ from, to, pixels, confidence, accuracy }) => ({ from, to, confidence, accuracy, share: pixels / all }));
  const width = 340;
  const percent = { format: ".0%", tickCount: 5 } as const;
  const x = {
    field: "from",
    type: "quantitative" as const,
    scale: { domain: [0, 1], nice: false },
    axis: { ...percent, title: "Confidence" },
  };
  return render(
    {
      title: {
        text: "Calibration",
        subtitle: `expected calibration error ${Number.isNaN(error) ? "–" : `${(error * 100).toFixed(1)} %`}`,
      },
      spacing: 14,
      vconcat: [
        {
          width,
          height: 250,
          data: { values },
          layer: [
            {
              mark: { type: "rect", color: series[0], opacity: 0.85 },
              encoding: {
                x: { ...x, axis: { ...percent, title: null } },
                x2: { field: "to" },
                y: { field: "accuracy", type: "quantitative", scale: { domain: [0, 1] } },
                y2: { datum: 0 },
              },
            },
            {
              data: { values: [{ at: 0 }, { at: 1 }] },
              mark: { type: "line", color: quiet, strokeDash: [5, 4], strokeWidth: 1.5 },
              encoding: {
                x: { field: "at", type: "quantitative" },
                y: { field: "at", type: "quantitative" },
              },
            },
            {
              mark: { type: "point", filled: true, size: 40, opacity: 1, color: series[1] },
              encoding: {
                x: { field: "confidence", type: "quantitative" },
                y: {
                  field: "accuracy",
                  type: "quantitative",
                  scale: { domain: [0, 1] },
                  axis: { ...percent, title: "Accuracy" },
                },
              },
            },
          ],
        },
        {
          width,
          height: 60,
          data: { values },
          mark: { type: "rect", color: quiet, opacity: 0.7 },
          encoding: {
            x,
            x2: { field: "to" },
            y: {
              field: "share",
              type: "quantitative",
              scale: { domainMin: 0 },
              axis: { format: ".0%", tickCount: 2, title: "Pixels" },
            },
            y2: { datum: 0 },
          },
        },
      ],
    },
    theme,
  );
}
