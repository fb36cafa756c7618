import { CorruptFileError } from "../util/errors.ts";
import type { EpochTable } from "./run-report.ts";

/** The text of results.csv as a table. Throws a CorruptFileError where a line has other columns than the first. */
export function parseEpochs(text: string): EpochTable {
  const [columns = [], ...rows] = text
    .split(/\r?\n/)
    .filter((line) => line !== "")
    .map((line) => line.split(","));
  const odd = rows.findIndex((row) => row.length !== columns.length);
  if (columns[0] !== "epoch" || odd >= 0)
    throw new CorruptFileError(
      columns[0] === "epoch"
        ? `line ${odd + 2}: expected ${columns.length} columns, but received ${rows[odd]!.length}`
        : `expected epochs and their numbers, but received columns "${columns.join(",")}"`,
      { hint: "Put the file back as segkit train wrote it." },
    );
  return { columns, rows };
}

/** The numbers of a column, NaN where there is none. */
export function columnOf({ columns, rows }: EpochTable, column: string): number[] {
  const at = columns.indexOf(column);
  return rows.map((row) => Number.parseFloat(row[at] ?? ""));
}

/** The columns of metrics: what stands between the losses and the time. */
export function metricColumns({ columns }: EpochTable): string[] {
  return columns.filter((column) => !["epoch", "train_loss", "valid_loss", "time"].includes(column));
}

/** The row of the epoch whose weights are kept as best: the highest mean IoU, the first of equal ones. */
export function bestRow(table: EpochTable): number | null {
  const scores = columnOf(table, "mean_iou");
  const best = scores.reduce((at, score, i) => (Number.isNaN(score) || score <= (scores[at] ?? -1) ? at : i), -1);
  return best < 0 ? null : best;
}
