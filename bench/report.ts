import { type Case, caseLine } from "./cases.ts";
import type { Result } from "./measure.ts";
import { medianRatio } from "./statistics.ts";
import { median } from "../src/util/median.ts";

/** A line of a table; the first one heads it. */
export type Cells = readonly string[];

const head: Cells = ["", "turns", "median s", "min s", "max s", "time / segkit's", "peak MB", ""];

/** What happened to each participant of a case, in its order. */
export function caseCells(results: readonly Result[]): Cells[] {
  const own = results[0]!.seconds;
  return [head, ...results.map((result) => [result.name, ...figures(result, own), result.note ?? ""])];
}

function figures({ seconds, peakBytes }: Result, own: readonly number[]): string[] {
  if (seconds.length === 0) return ["", "", "", "", "", ""];
  const ratio = own.length === 0 ? "" : medianRatio(seconds, own).toFixed(2);
  const times = [median(seconds), Math.min(...seconds), Math.max(...seconds)].map(showSeconds);
  return [`${seconds.length}`, ...times, ratio, Number.isFinite(peakBytes) ? `${Math.round(peakBytes / 1e6)}` : ""];
}

/** Seconds with three figures or more. */
export function showSeconds(seconds: number): string {
  return seconds.toFixed(seconds < 1 ? 4 : seconds < 10 ? 3 : 1);
}

/** How segkit stands to the best of every other family: the sentence that a target is judged by. */
export function verdicts(results: readonly Result[]): string[] {
  const [own, ...others] = results.filter(({ seconds }) => seconds.length > 0);
  if (!own || own !== results[0]) return [];
  return [...new Set(others.map(({ family }) => family))].map((family) => {
    const best = others
      .filter((result) => result.family === family)
      .reduce((a, b) => (median(a.seconds) <= median(b.seconds) ? a : b));
    const ratio = medianRatio(best.seconds, own.seconds);
    const peak = own.peakBytes / best.peakBytes;
    const memory = Number.isFinite(peak) ? `, segkit's peak memory is ${peak.toFixed(2)} of it` : "";
    return `${best.name} takes ${ratio.toFixed(2)} times segkit's time${memory}`;
  });
}

/** Losses of the first step, where they are told: equal ones show that all compute the same. */
export function lossLine(results: readonly Result[]): string | undefined {
  const told = results.flatMap(({ name, about: { firstLoss } }) =>
    typeof firstLoss === "number" ? [{ name, loss: firstLoss }] : [],
  );
  if (told.length < 2) return undefined;
  const off = told.filter(({ loss }) => Math.abs(loss / told[0]!.loss - 1) > 1e-3);
  const losses = told.map(({ name, loss }) => `${name} ${loss.toFixed(5)}`).join("; ");
  return off.length === 0
    ? `loss of the first step, from the same weights and batch: ${told[0]!.loss.toFixed(4)} for all ${told.length}`
    : `NOT THE SAME COMPUTATION, losses of the first step: ${losses}`;
}

const versionNames = { torch: "PyTorch", tfjs: "TensorFlow.js", jax: "jax-js", python: "Python" } as const;

/** The peers' versions, as they told them. */
export function versionsLine(results: readonly Result[]): string | undefined {
  const versions = Object.entries(versionNames).flatMap(([key, name]) => {
    const told = results.map(({ about }) => about[key]).find((version) => typeof version === "string");
    return told === undefined ? [] : [`${name} ${told}`];
  });
  return versions.length === 0 ? undefined : versions.join(", ");
}

/** A case with its table and what follows from it, for the terminal or for Markdown. */
export function caseReport(name: string, about: Case, results: readonly Result[], markdown: boolean): string {
  const cells = caseCells(results);
  const lines = [lossLine(results), ...verdicts(results)].filter((line) => line !== undefined);
  return markdown
    ? `### ${name}: ${caseLine(about)}\n\n${markdownTable(cells)}\n\n${lines.map((line) => `- ${line}`).join("\n")}\n`
    : `\n${name} — ${caseLine(about)}\n${textTable(cells)}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

/** Columns as wide as they need; all but the first and the last to the right. */
export function textTable(cells: readonly Cells[]): string {
  return padded(cells)
    .map((row) => row.join("  ").trimEnd())
    .join("\n");
}

export function markdownTable(cells: readonly Cells[]): string {
  const [first, ...rest] = padded(cells).map((row) => `| ${row.join(" | ")} |`);
  const rule = padded(cells)[0]!.map((cell) => "-".repeat(cell.length));
  return [first, `| ${rule.join(" | ")} |`, ...rest].join("\n");
}

function padded(cells: readonly Cells[]): string[][] {
  const last = cells[0]!.length - 1;
  const widths = cells[0]!.map((_, i) => Math.max(3, ...cells.map((row) => row[i]!.length)));
  return cells.map((row) =>
    row.map((cell, i) => (i === 0 || i === last ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))),
  );
}
