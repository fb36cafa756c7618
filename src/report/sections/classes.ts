import type { ClassResult } from "../../train/class-table.ts";
import { type Html, html } from "../html.ts";
import type { Section } from "../section.ts";
import type { RunReport } from "../run-report.ts";
import { scroll, share, smallPercent, swatch } from "../text.ts";

const scores = ["iou", "dice", "precision", "recall"] as const satisfies readonly (keyof ClassResult)[];
const titles: Readonly<Record<(typeof scores)[number], string>> = {
  iou: "IoU",
  dice: "Dice",
  precision: "Precision",
  recall: "Recall",
};

/** Every class's scores, without and with void as a class. */
export function classes({ examined, card: { voidIndex, palette, classes: names } }: RunReport): Section {
  const { withoutVoid, withVoid } = examined;
  const groups = voidIndex === null ? [withVoid] : [withoutVoid, withVoid];
  const mean = (results: readonly ClassResult[], score: (typeof scores)[number]): number => {
    const known = results.map((result) => result[score]).filter((value) => value !== null);
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  const cells = (values: readonly (readonly (number | null)[])[]): Html[] =>
    values.flatMap((group) => group.map((value, i) => html`<td class="${i === 0 && "first"}">${share(value)}</td>`));
  const rows = names.map(
    (name, id) =>
      html`<tr>
        <th scope="row">${swatch(palette[id])}${name}</th>
        ${cells(groups.map((results) => scores.map((score) => results[id]![score])))}
        <td class="first">${smallPercent(withVoid[id]!.pixelShare)}</td>
      </tr> `,
  );
  const means = html`<tr class="best">
    <th scope="row">Mean</th>
    ${cells(groups.map((results) => scores.map((score) => mean(results, score))))}
    <td class="first"></td>
  </tr>`;
  const groupTitles =
    voidIndex !== null &&
    html`<tr>
      <td></td>
      ${["Without void", "With void as a class"].map(
        (title) => html`<th scope="colgroup" colspan="${scores.length}" class="group">${title}</th>`,
      )}
      <td class="first"></td>
    </tr>`;
  const head = html`${groupTitles}
    <tr>
      <th scope="col">Class</th>
      ${groups.map(() =>
        scores.map((score, i) => html`<th scope="col" class="${i === 0 && "first"}">${titles[score]}</th>`),
      )}
      <th scope="col" class="first">Pixels</th>
    </tr>`;
  const explained =
    voidIndex === null
      ? "There is no void class: every labelled pixel counts."
      : `Without void, pixels whose truth is ${names[voidIndex]} do not count; with void, it is a class like the others.`;
  const body = html`<p class="quiet">All validation pixels together. ${explained}</p>
    ${scroll(
      html`<table>
        <thead>
          ${head}
        </thead>
        <tbody>
          ${rows}${means}
        </tbody>
      </table>`,
      "Scores of the classes",
    )}`;
  return { id: "classes", title: "Classes", body };
}
