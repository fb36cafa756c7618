import { createHash } from "node:crypto";
import { fontFaces } from "../plots/font-faces.node.ts";
import { type Html, html, trusted } from "./html.ts";
import type { Section } from "./section.ts";
import { script, style } from "./style.ts";

/** What a report consists of. */
export interface Page {
  readonly title: string;
  readonly subtitle: string;
  /** Stands above the sections. */
  readonly lead: Html;
  readonly sections: readonly Section[];
  readonly footer: string;
}

/**
 * A whole HTML file that needs nothing beside itself, fonts included: its policy lets it load nothing but what it holds, and
 * run no script but its own.
 */
export async function page({ title, subtitle, lead, sections, footer }: Page): Promise<string> {
  const fonts = await fontFaces([title, subtitle, lead.text, ...sections.map(({ body }) => body.text)].join("\n"));
  const hash = createHash("sha256").update(script).digest("base64");
  const policy = `default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return html`${trusted("<!doctype html>")}
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${trusted(`<style>${fonts}${style}</style>`)}
      </head>
      <body>
        <header>
          <h1>${breakable(title)}</h1>
          <p class="quiet">${subtitle}</p>
          ${lead}
          <nav aria-label="Sections">${sections.map(({ id, title: text }) => html`<a href="#${id}">${text}</a>`)}</nav>
        </header>
        <main>${sections.map(sectionHtml)}</main>
        <footer>${footer}</footer>
        ${trusted(`<script>${script}</script>`)}
      </body>
    </html> `.text;
}

/** Text that may be broken after slashes, so that long paths are not broken within names. */
function breakable(text: string): Html[] {
  return text.split(/(?<=\/)/).map((part, i) => html`${i > 0 && html`<wbr />`}${part}`);
}

function sectionHtml({ id, title, body, className = "" }: Section): Html {
  return html`<section id="${id}" class="${className}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${body}
  </section> `;
}
