import { calibrationPlot } from "../plots/calibration.ts";
import { classBalancePlot } from "../plots/class-balance.ts";
import { classBarsPlot } from "../plots/class-bars.ts";
import { confusionPlot } from "../plots/confusion.ts";
import { lossesPlot } from "../plots/losses.ts";
import { lrFinderPlot } from "../plots/lr-finder.ts";
import { metricsPlot } from "../plots/metrics.ts";
import { schedulePlot } from "../plots/schedule.ts";
import type { Theme } from "../plots/theme.ts";
import { columnOf, metricColumns } from "./epoch-table.ts";
import type { DrawnPlot } from "./inline-svg.ts";
import type { EpochTable, ReportedRecord, RunReport } from "./run-report.ts";

/** Every plot of a run but the confusion matrix: those that there are numbers for. */
export function plotsOf(report: RunReport): DrawnPlot[] {
  return [...trainingPlots(report), ...resultPlots(report)];
}

function trainingPlots({ record, table }: RunReport): DrawnPlot[] {
  const titles = metricColumns(table);
  const first = columnOf(table, "epoch")[0] ?? 0;
  const overEpochs = (columns: readonly string[]) => (theme: Theme) =>
    metricsPlot(
      columns.map((title) => ({ title, values: columnOf(table, title) })),
      { first, theme },
    );
  const steps = record !== null && record.steps.batch.length > 1 ? stepPlots(record, table) : [];
  const epochs = table.rows.length > 0;
  return [
    ...steps,
    ...(steps.length === 0 && epochs
      ? [
          {
            name: "losses",
            title: "Losses over the epochs",
            wide: true,
            draw: overEpochs(["train_loss", "valid_loss"]),
          },
        ]
      : []),
    ...(titles.length > 0 && epochs
      ? [{ name: "metrics", title: "Metrics over the epochs", wide: true, draw: overEpochs(titles) }]
      : []),
  ];
}

/** What was recorded of the single steps. */
function stepPlots({ steps, epochs, search }: ReportedRecord, table: EpochTable): DrawnPlot[] {
  const [at = 0, next = at + 1] = steps.batch;
  const every = next - at;
  const losses = columnOf(table, "valid_loss");
  let batch = 0;
  const valid = epochs.map(({ batches }, i) => ({ batch: (batch += batches), loss: losses[i] ?? NaN }));
  const found: DrawnPlot[] =
    search === undefined || search.losses.length < 2
      ? []
      : [
          {
            name: "lr-finder",
            title: "Loss over the learning rate, the suggested rates marked",
            draw: (theme) => lrFinderPlot(search, { theme }),
          },
        ];
  return [
    {
      name: "losses",
      title: "Training loss over the batches, validation loss at the ends of the epochs",
      draw: (theme) => lossesPlot({ train: steps.loss, every, valid }, { theme }),
    },
    {
      name: "schedule",
      title: "Learning rate and momentum over the batches",
      wide: true,
      draw: (theme) => schedulePlot({ lrs: steps.lr, moms: steps.momentum, every }, { showMoms: true, theme }),
    },
    ...found,
  ];
}

function resultPlots({ examined, card: { palette, voidIndex } }: RunReport): DrawnPlot[] {
  const { balance, calibration, withoutVoid, withVoid } = examined;
  const scores = (voidIndex === null ? withVoid : withoutVoid).map(({ name, iou }, id) => ({
    ...{ name, score: iou },
    ...(palette[id] && { colour: palette[id] }),
  }));
  return [
    {
      name: "iou",
      title: "Intersection over union of every class",
      draw: (theme) => classBarsPlot(scores, { title: "IoU", theme }),
    },
    {
      name: "calibration",
      title: "Accuracy over confidence, and how many pixels have each confidence",
      draw: (theme) => calibrationPlot(calibration, { theme }),
    },
    {
      name: "balance",
      title: "Share of every class in pixels and pictures, training and validation",
      wide: true,
      draw: (theme) => classBalancePlot(balance.classes, { theme }),
    },
  ];
}

/** The confusion matrix of all validation pixels. */
export function confusionOf({ examined, card }: RunReport): DrawnPlot {
  return {
    name: "confusion",
    title: "How the pixels of every true class were predicted",
    wide: true,
    draw: (theme) => confusionPlot(examined.confusion, card.classes, { theme }),
  };
}
