import { clock } from "../util/clock.ts";
import { type Html, html } from "./html.ts";
import type { RunReport } from "./run-report.ts";
import { optionText, percent, scroll, share, swatch } from "./text.ts";
import { machineText } from "./sections/provenance.ts";
import { trainingSeconds } from "./sections/timing.ts";

/** What the runs of a comparison are called: by their folder's name, or its path where two are called alike. */
export function runNames(reports: readonly RunReport[]): string[] {
  const names = reports.map(({ name }) => name);
  return reports.map(({ name, path }, i) =>
    names.indexOf(name) === i && names.lastIndexOf(name) === i ? name : (path ?? name),
  );
}

/** Why the numbers of the runs may not be compared, a sentence each. */
export function caveats(reports: readonly RunReport[]): string[] {
  const differ = (of: (report: RunReport) => string | undefined): boolean => {
    const known = reports.map(of).filter((value) => value !== undefined);
    return new Set(known).size > 1;
  };
  return [
    ...(differ(({ card }) => card.classes.join("\n")) ? ["The runs have different classes."] : []),
    ...(differ(({ record }) => record?.data.hash) ? ["The runs were trained on different data."] : []),
    ...(differ(({ record }) => record?.data.split) ? ["The runs were validated on different pictures."] : []),
    ...(differ(({ card }) => card.size.join("×"))
      ? ["The runs were measured at different sizes: scores at a larger size are harder to reach."]
      : []),
  ];
}

type Row = readonly [name: string, values: readonly string[]];

/** Scores, then what the runs were trained with; where they differ, it stands out. */
export function sideBySide(reports: readonly RunReport[]): Html {
  const names = runNames(reports);
  const row = (name: string, of: (report: RunReport) => string | undefined): Row => [
    name,
    reports.map((report) => of(report) ?? "–"),
  ];
  const options = [...new Set(reports.flatMap(({ args }) => Object.keys(args)))].toSorted();
  const scores = [
    scoreRow("accuracy without void", reports, ({ examined }) => examined.metrics.acc_camvid, percent, 1),
    scoreRow("mean IoU without void", reports, ({ examined }) => examined.metrics.mean_iou, share, 1),
    scoreRow("mean IoU with void", reports, ({ examined }) => examined.metrics.mean_iou_with_void, share, 1),
    scoreRow("validation loss", reports, ({ examined }) => examined.loss, share, -1),
    scoreRow("calibration error", reports, ({ examined }) => examined.calibration.error, percent, -1),
    scoreRow("training time", reports, trainingSeconds, clock, -1),
  ];
  const rows: Row[] = [
    row("epochs trained", ({ table }) => String(table.rows.length)),
    row("dataset hash", ({ record }) => record?.data.hash.slice(0, 12)),
    row("split hash", ({ record }) => record?.data.split.slice(0, 12)),
    row("began with", ({ record }) => record?.weights),
    row("segkit", ({ record }) => record?.versions.segkit),
    row("machine", ({ record }) => (record ? machineText(record.machine) : undefined)),
    ...options
      .filter((name) => name !== "out")
      .map((name) => row(name, ({ args }) => (name in args ? optionText(args[name]) : undefined))),
  ];
  const different = (row: Row): boolean => new Set(row[1]).size > 1;
  const sorted = [...rows.filter(different), ...rows.filter((each) => !different(each))];
  const head = html`<tr>
    <td></td>
    ${names.map((name) => html`<th scope="col">${name}</th>`)}
  </tr>`;
  return scroll(
    html`<table class="facts runs">
      <thead>
        ${head}
      </thead>
      <tbody>
        ${scores}${sorted.map(factRow)}
      </tbody>
    </table>`,
    "Runs side by side",
  );
}

function factRow([name, values]: Row): Html {
  const differs = new Set(values).size > 1;
  const cells = values.map((value) => html`<td>${differs ? html`<b>${value}</b>` : value}</td>`);
  return html`<tr class="${differs ? "differs" : "same"}">
    <th scope="row">${name}</th>
    ${cells}
  </tr> `;
}

/** @param better 1 where more is better, −1 where less is. */
function scoreRow(
  name: string,
  reports: readonly RunReport[],
  of: (report: RunReport) => number | undefined,
  show: (value: number) => string,
  better: 1 | -1,
): Html {
  const values = reports.map((report) => of(report) ?? NaN);
  return html`<tr>
    <th scope="row">${name}</th>
    ${bestCells(values, show, better)}
  </tr> `;
}

function bestCells(values: readonly number[], show: (value: number) => string, better: 1 | -1): Html[] {
  const best = Math.max(...values.map((value) => (Number.isNaN(value) ? -Infinity : better * value)));
  const differ = values.some((value) => value !== values[0]);
  return values.map((value) => html`<td class="${better * value === best && differ && "best"}">${show(value)}</td>`);
}

/** The IoU of every class that a run knows, the best of each in bold. */
export function classesSideBySide(reports: readonly RunReport[]): Html {
  const classes = [...new Set(reports.flatMap(({ card }) => card.classes))];
  const head = html`<tr>
    <th scope="col">Class</th>
    ${runNames(reports).map((name) => html`<th scope="col">${name}</th>`)}
  </tr>`;
  const rows = classes.map((name) => {
    const known = reports.find(({ card }) => card.classes.includes(name))!;
    const values = reports.map(
      ({ examined }) => examined.withoutVoid.find((result) => result.name === name)?.iou ?? NaN,
    );
    return html`<tr>
      <th scope="row">${swatch(known.card.palette[known.card.classes.indexOf(name)])}${name}</th>
      ${bestCells(values, share, 1)}
    </tr> `;
  });
  return scroll(
    html`<table>
      <thead>
        ${head}
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`,
    "IoU of the classes",
  );
}
