import { type ClassReport, labelledPixels } from "../data/check/class-tally.ts";
import type { DataReport } from "../data/check/examine.node.ts";
import type { Severity } from "../data/check/finding-rules.ts";
import type { Finding, Place } from "../data/check/findings.ts";
import { type CheckedSource, listsWith, type Side, sideNames, sides } from "../data/check/pairs.ts";
import { percent, weightText } from "../data/check/text.ts";
import { sizeText } from "../data/image.ts";
import { type Palette, paletteFor } from "../data/palette.ts";
import { classBalancePlot } from "../plots/class-balance.ts";
import { objectSizesPlot } from "../plots/object-sizes.ts";
import type { Advice, SizeAdvice } from "../train/size-advice.ts";
import { samples } from "./data-samples.node.ts";
import { type Thumbnail, thumbnailsOf } from "./data-thumbnails.node.ts";
import { type Html, html, trusted } from "./html.ts";
import { inlinePlot } from "./inline-svg.ts";
import { page } from "./page.node.ts";
import { facts, scroll, swatch } from "./text.ts";

/** Places of one finding that a page lists. */
const listed = 200;

/**
 * What a check found out as one HTML file that needs nothing beside itself.
 * @param source what was checked; its files give the small pictures.
 */
export async function dataReportPage(
  report: DataReport,
  source: CheckedSource,
  advice: Advice | null,
): Promise<string> {
  const { name, findings, pictures, classes, notes } = report;
  const names = classes.map((each) => each.name);
  const palette = paletteFor(names, source.voidIndex);
  const count = (severity: Severity): number => findings.filter((each) => each.severity === severity).length;
  const figures: [string, number][] = [
    ...sides
      .filter((side) => pictures[side] > 0)
      .map((side): [string, number] => [`${sideNames[side]} pictures`, pictures[side]]),
    ["classes", classes.length],
    ["kinds of errors", count("error")],
    ["kinds of warnings", count("warning")],
  ];
  const thumbnails = await thumbnailsOf(findings, source);
  return page({
    title: `Dataset check of ${name}`,
    subtitle: count("error") === 0 ? "It can be trained on." : "Training on it would fail or be wrong.",
    lead: html`<div class="figures">
        ${figures.map(([text, n]) => html`<div class="figure"><b>${n}</b>${text}</div>`)}
      </div>
      ${trusted(findingStyle)}`,
    sections: [
      {
        id: "findings",
        title: "What was found",
        body: html`${notes.map((note) => html`<p class="note">${note}</p>`)}${
          findings.length === 0
            ? html`<p>Nothing is wrong with any file.</p>`
            : findings.map((each) => finding(each, thumbnails))
        }`,
      },
      { id: "pictures", title: "Pictures", body: await samples(source, names, palette), className: "pictures" },
      { id: "classes", title: "Classes", body: html`${classTable(report, palette)}${await plots(report, palette)}` },
      { id: "training", title: "What to train with", body: adviceTable(report, advice) },
    ],
    footer: "Written by segkit data check. The file needs nothing beside itself.",
  });
}

const findingStyle = `<style>
.finding{border-top:1px solid var(--line);padding:14px 0}
.finding h3{margin:0 0 6px}
.badge{display:inline-block;border:1px solid currentColor;border-radius:4px;padding:0 7px;margin-right:8px;font-size:12px;font-weight:600}
.badge.error,.badge.warning{--strong:color-mix(in srgb,var(--mark) 80%,#000);border-color:var(--strong)}
.badge.error{background:var(--strong);color:var(--card)}.badge.warning{color:var(--text)}.badge.note{color:var(--quiet)}
.thumbs{display:flex;flex-wrap:wrap;gap:12px;margin:10px 0}
.thumbs figure{margin:0;max-width:100%}
.thumbs .two{display:flex;gap:4px}
.thumbs img{display:block;max-width:100%;border-radius:4px;border:1px solid var(--line)}
.thumbs .two img{max-width:calc(50vw - 34px)}
.thumbs figcaption{max-width:400px}
.places{max-height:320px;overflow:auto;margin:0;padding-left:18px}
.places li{overflow-wrap:anywhere}
</style>`;

function finding(
  { kind, severity, title, remedy, places }: Finding,
  thumbnails: ReadonlyMap<Place, readonly Thumbnail[]>,
): Html {
  const more = places.length > listed ? html`<li>… and ${places.length - listed} more</li>` : null;
  const shown = places.filter((place) => thumbnails.has(place));
  return html`<div class="finding" id="${kind}">
    <h3><span class="badge ${severity}">${severity}</span>${title}${places.length > 1 ? `: ${places.length}` : ""}</h3>
    <p>${remedy}</p>
    <ul class="places" tabindex="0" aria-label="${title}">
      ${places
        .slice(0, listed)
        .map(({ file, detail }) => html`<li><code>${file}</code>${detail === "" ? "" : `: ${detail}`}</li>`)}${more}
    </ul>
    ${shown.length > 0 && html`<div class="thumbs">${shown.map((place) => figure(place, thumbnails.get(place)!))}</div>`}
  </div> `;
}

function figure({ file, other }: Place, pictures: readonly Thumbnail[]): Html {
  const images = pictures.map(({ name, url }) =>
    url === null ? html`<span class="quiet">${name} cannot be shown</span>` : html`<img src="${url}" alt="${name}" />`,
  );
  return html`<figure>
    <div class="two">${images}</div>
    <figcaption>${file}${other === undefined ? "" : ` and ${other}`}</figcaption>
  </figure>`;
}

function classTable({ classes, pictures, classWeights }: DataReport, palette: Palette): Html {
  const totals = labelledPixels(classes);
  const lists = listsWith(pictures);
  const titles = [...lists, ...lists].map((side) => sideNames[side]);
  // The columns, after the name, that begin a group.
  const starts = new Set([0, lists.length, 2 * lists.length, 2 * lists.length + 4]);
  const row = (each: ClassReport): Html => {
    const { id, name, isVoid, objects } = each;
    const cells = [
      ...lists.map((side) => (isVoid ? "void" : percent(each[side].pixels, totals[side]))),
      ...lists.map((side) => percent(each[side].pictures, pictures[side])),
      isVoid ? "" : (objects?.count ?? 0),
      isVoid ? "" : (objects?.small ?? ""),
      isVoid ? "" : (objects?.median ?? ""),
      isVoid ? "" : (objects?.large ?? ""),
      classWeights && !isVoid ? weightText(classWeights[id]!) : "",
    ];
    return html`<tr>
      <th scope="row">${swatch(palette[id])}${name}</th>
      ${cells.map((cell, i) => html`<td class="${starts.has(i) && "first"}">${cell}</td>`)}
    </tr> `;
  };
  return html`${scroll(
      html`<table>
        <thead>
          <tr>
            <th rowspan="2" scope="col">class</th>
            <th class="group" colspan="${lists.length}">labelled pixels</th>
            <th class="group" colspan="${lists.length}">pictures that have it</th>
            <th class="group" colspan="4">objects, areas in pixels</th>
            <th class="first" rowspan="2" scope="col">weight</th>
          </tr>
          <tr>
            ${[...titles, "number", "10 %", "50 %", "90 %"].map((text, i) => html`<th class="${starts.has(i) && "first"}" scope="col">${text}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${classes.map(row)}
        </tbody>
      </table>`,
      "Classes",
    )}
    <p class="quiet">Objects are touching pixels of one class, also at corners. Weights are by median frequency.</p> `;
}

async function plots({ classes, pictures }: DataReport, palette: Palette): Promise<Html> {
  const labelled = classes.filter(({ isVoid }) => !isVoid);
  const totals = labelledPixels(classes);
  const share = (each: ClassReport, side: Side) => ({
    pixels: each[side].pixels / Math.max(totals[side], 1),
    pictures: each[side].pictures / Math.max(pictures[side], 1),
  });
  const balance = labelled.map((each) => ({
    name: each.name,
    colour: palette[each.id]!,
    train: share(each, "train"),
    valid: share(each, "valid"),
    ...(pictures.test > 0 && { test: share(each, "test") }),
  }));
  const areas = labelled.flatMap(({ id, name, objects }) =>
    objects === null ? [] : [{ name, colour: palette[id]!, ...objects }],
  );
  if (areas.length === 0) return html`<p>No mask could be read.</p>`;
  const drawn = [
    await inlinePlot({
      name: "balance",
      title: "Class balance",
      wide: true,
      draw: (theme) => classBalancePlot(balance, { theme }),
    }),
    await inlinePlot({ name: "objects", title: "Object sizes", draw: (theme) => objectSizesPlot(areas, { theme }) }),
  ];
  return html`<div class="plots">${drawn}</div>`;
}

function adviceTable({ sizes, classWeights }: DataReport, advice: Advice | null): Html {
  const option = ({ size, batchSize, reason }: SizeAdvice): Html =>
    html`<code>--size ${size.join("x")} --bs ${batchSize}</code><br /><span class="quiet">${reason}</span>`;
  const rows: [string, Html | string][] = [
    ["to begin with", advice ? option(advice.first) : "no size to train at fits into memory"],
    ...(advice?.largest ? [["for the best score", option(advice.largest)] satisfies [string, Html]] : []),
    ...(classWeights
      ? [
          [
            "against rare classes",
            html`<code>--class-weights ${classWeights.map(weightText).join(",")}</code>`,
          ] satisfies [string, Html],
        ]
      : []),
    [
      "sizes of the pictures",
      sizes
        .slice(0, 12)
        .map((size) => `${sizeText(size)} (${size.count})`)
        .join(", ") || "none",
    ],
  ];
  return facts(rows);
}
