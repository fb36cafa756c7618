import type { Theme } from "../plots/theme.ts";
import { escapeHtml, type Html, html, trusted } from "./html.ts";

/** A plot that can be drawn in both themes. */
export interface DrawnPlot {
  /** Letters and dashes: file name and prefix of its ids. */
  readonly name: string;
  /** What it shows, for those who do not see it. */
  readonly title: string;
  /** Whether it needs the whole width of the page. */
  readonly wide?: boolean;
  readonly draw: (theme: Theme) => Promise<string>;
}

const themesShown = ["light", "dark"] as const satisfies readonly Theme[];

/** A plot for a page, once in each theme, of which the style sheet shows the reader's. */
export async function inlinePlot({ name, title, wide, draw }: DrawnPlot): Promise<Html> {
  const both = [];
  for (const theme of themesShown)
    both.push(html`<div class="on-${theme}">${inlineSvg(await draw(theme), `${name}-${theme}`, title)}</div>`);
  return html`<figure class="plot${wide && " wide"}">${both}</figure> `;
}

/** An SVG file's text as an element of a page: no larger than drawn, its ids its own among those of other plots. */
export function inlineSvg(svg: string, prefix: string, title: string): Html {
  const [start = "", attributes = ""] = /<svg\b([^>]*)>/.exec(svg) ?? [];
  const width = /\bwidth="([\d.]+)"/.exec(attributes)?.[1] ?? "640";
  const height = /\bheight="([\d.]+)"/.exec(attributes)?.[1] ?? "400";
  const viewBox = /\bviewBox="([^"]+)"/.exec(attributes)?.[1] ?? `0 0 ${width} ${height}`;
  const content = svg
    .slice(svg.indexOf(start) + start.length)
    .replaceAll(/\bid="([^"]+)"/g, (_, id: string) => `id="${prefix}-${id}"`)
    .replaceAll(/url\(#([^)]+)\)/g, (_, id: string) => `url(#${prefix}-${id})`)
    .replaceAll(/href="#([^"]+)"/g, (_, id: string) => `href="#${prefix}-${id}"`);
  const style = `--drawn:${width}px`;
  const open = `<svg viewBox="${escapeHtml(viewBox)}" style="${style}" role="img" aria-label="${escapeHtml(title)}">`;
  return trusted(open + content);
}
