/** Text that is HTML already; only `html` and `trusted` make it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What can stand in a template: text is escaped, nothing leaves nothing, lists stand one after the other. */
export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

/**
 * HTML from a template in which every value is escaped, for text and for attributes in double quotes.
 * @example const row = html`<td title="${name}">${name}</td>`;
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.map((part, i) => (i === 0 ? "" : textOf(values[i - 1])) + part).join(""));
}

/** Marks text of our own making, such as a style sheet, as HTML. */
export function trusted(text: string): Html {
  return new Html(text);
}

function textOf(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(textOf).join("");
  return escapeHtml(String(value));
}

/** Text as HTML writes it; control characters, which it cannot hold, become spaces. */
export function escapeHtml(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const printable = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, " ");
  return printable.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);
}
