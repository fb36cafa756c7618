import { type Html, html } from "./html.ts";

/** A number from 0 to 1 with four digits; a dash where there is none. */
export function share(value: number | null | undefined): string {
  return value === null || value === undefined || Number.isNaN(value) ? "–" : value.toFixed(4);
}

/** A share in percent with one digit; a dash where there is none. */
export function percent(value: number | null | undefined): string {
  return value === null || value === undefined || Number.isNaN(value) ? "–" : `${(value * 100).toFixed(1)}\u00a0%`;
}

/** A share in percent with as many digits as tell it from none. */
export function smallPercent(value: number): string {
  if (value === 0) return "0\u00a0%";
  return value < 1e-4 ? "<\u00a00.01\u00a0%" : `${(value * 100).toFixed(2)}\u00a0%`;
}

/** A row of a table of facts; nothing where there is no value. */
export type Fact = readonly [name: string, value: Html | string | number | null | undefined];

/** A table of names and values. */
export function facts(rows: readonly Fact[]): Html {
  const known = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return html`<table class="facts">
    <tbody>
      ${known.map(
        ([name, value]) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td>${value}</td>
          </tr> `,
      )}
    </tbody>
  </table>`;
}

/** What is too wide for a small screen, to be moved sideways; a keyboard reaches it. */
export function scroll(content: Html, label: string): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">${content}</div>`;
}

/** A class's colour as a small square. */
export function swatch(colour: readonly [number, number, number] | undefined): Html {
  return html`<span class="swatch" style="background:rgb(${(colour ?? [0, 0, 0]).join(",")})"></span>`;
}

/** Every class with its colour. */
export function legend({
  classes,
  palette,
}: {
  readonly classes: readonly string[];
  readonly palette: readonly (readonly [number, number, number])[];
}): Html {
  return html`<ul class="legend" aria-label="Classes">
    ${classes.map((name, id) => html`<li>${swatch(palette[id])}${name}</li>`)}
  </ul>`;
}

/** A value of args.yaml as it is typed. */
export function optionText(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(",");
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
