import { ShapeError } from "../util/errors.ts";
import { dataUrl, type Picture } from "./data-url.ts";
import { fitText, textWidth } from "./text-width.ts";
import { fontFamily, type PlotOptions, type ThemeColours, themes } from "./theme.ts";

/** Class names and their colours, red, green and blue from 0 to 255 each. */
export interface Legend {
  readonly classes: readonly string[];
  readonly palette: readonly (readonly [red: number, green: number, blue: number])[];
}

export interface PictureGridOptions extends PlotOptions {
  readonly title?: string;
  /** A caption over every column. */
  readonly captions?: readonly string[];
  /** A line below every row. */
  readonly notes?: readonly string[];
  /** Explained below the pictures. */
  readonly legend?: Legend;
}

const margin = 16;
const gap = 10;
const line = 22;
const swatch = 13;
const fontSize = 13;
/** Widths of a picture on the sheet: small ones are magnified by a whole number, larger ones shown smaller. */
const [narrowest, widest] = [240, 340];

/**
 * Rows of pictures as one SVG sheet with captions and a legend of the classes. Pictures larger than the sheet shows them
 * keep their pixels: the SVG grows with them.
 * @param rows pictures; each cell has the size of the largest.
 * @throws ShapeError for no pictures.
 */
export function pictureGrid(rows: readonly (readonly Picture[])[], options: PictureGridOptions = {}): string {
  const all = rows.flat();
  if (all.length === 0) throw new ShapeError("pictureGrid: expected at least one picture, but received none");
  const largest = Math.max(...all.map(({ width }) => width));
  const scale = largest < narrowest ? Math.ceil(narrowest / largest) : Math.min(widest / largest, 1);
  const sheet = new Sheet(rows, scale, options);
  // A PNG has two pixels for each unit: enough for the pictures, or the sheet is drawn larger.
  return sheet.svg(Math.max(1 / (2 * scale), 1));
}

class Sheet {
  readonly #colours: ThemeColours;
  readonly #parts: string[] = [];
  #width: number;
  #y = margin;

  constructor(rows: readonly (readonly Picture[])[], scale: number, options: PictureGridOptions) {
    const { title, captions, notes, legend, theme = "light" } = options;
    this.#colours = themes[theme];
    const cellWidth = Math.max(...rows.flat().map(({ width }) => width)) * scale;
    const cellHeight = Math.max(...rows.flat().map(({ height }) => height)) * scale;
    const columns = Math.max(...rows.map((row) => row.length));
    const left = (column: number): number => margin + column * (cellWidth + gap);
    this.#width = 2 * margin + columns * (cellWidth + gap) - gap;
    if (title !== undefined) this.#line(margin, title, { size: 15, bold: true, room: this.#width - 2 * margin });
    if (captions !== undefined) {
      const y = this.#y;
      for (const [i, text] of captions.entries()) {
        this.#y = y;
        this.#line(left(i), text, { bold: true, room: cellWidth });
      }
    }
    for (const [r, row] of rows.entries()) {
      for (const [c, picture] of row.entries()) this.#picture(left(c), picture, scale);
      this.#y += cellHeight + gap;
      const note = notes?.[r];
      if (note !== undefined) {
        this.#y -= gap / 2;
        this.#line(margin, note, { quiet: true, room: this.#width - 2 * margin });
        this.#y += gap / 2;
      }
    }
    if (legend !== undefined) this.#legend(legend);
  }

  svg(zoom: number): string {
    const [width, height] = [this.#width, this.#y + margin - gap].map((length) => round(length)) as [number, number];
    const { background } = this.#colours;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${round(width * zoom)}" height="${round(height * zoom)}" viewBox="0 0 ${width} ${height}">`,
      `<rect width="${width}" height="${height}" fill="${background}"/>`,
      `<g font-family="${fontFamily}">`,
      ...this.#parts,
      "</g></svg>",
    ].join("\n");
  }

  #picture(x: number, picture: Picture, scale: number): void {
    const size = `width="${round(picture.width * scale)}" height="${round(picture.height * scale)}"`;
    const rendering = scale > 1 ? ` image-rendering="optimizeSpeed"` : "";
    this.#parts.push(
      `<image x="${round(x)}" y="${round(this.#y)}" ${size}${rendering} xlink:href="${dataUrl(picture)}"/>`,
    );
  }

  /** A line of text, below which the next one begins. */
  #line(
    x: number,
    text: string,
    {
      size = fontSize,
      bold = false,
      quiet = false,
      room,
    }: { size?: number; bold?: boolean; quiet?: boolean; room: number },
  ): void {
    const fill = quiet ? this.#colours.quiet : this.#colours.text;
    const weight = bold ? ` font-weight="600"` : "";
    const y = round(this.#y + size);
    this.#parts.push(
      `<text x="${round(x)}" y="${y}" font-size="${size}" fill="${fill}"${weight}>${escaped(fitText(text, size, room))}</text>`,
    );
    this.#y += size + 9;
  }

  #legend({ classes, palette }: Legend): void {
    const room = this.#width - 2 * margin;
    const wanted = swatch + 6 + Math.max(...classes.map((name) => textWidth(name, fontSize))) + 16;
    const columns = Math.max(Math.floor(room / Math.min(wanted, room)), 1);
    const lines = Math.ceil(classes.length / columns);
    for (const [i, name] of classes.entries()) {
      const x = margin + Math.floor(i / lines) * (room / columns);
      const y = this.#y + (i % lines) * line;
      const fill = `rgb(${(palette[i] ?? [0, 0, 0]).join(",")})`;
      const { grid, text } = this.#colours;
      this.#parts.push(
        `<rect x="${round(x)}" y="${round(y)}" width="${swatch}" height="${swatch}" rx="2" fill="${fill}" stroke="${grid}"/>`,
        `<text x="${round(x + swatch + 6)}" y="${round(y + swatch - 2)}" font-size="${fontSize}" fill="${text}">${escaped(fitText(name, fontSize, room / columns - swatch - 6))}</text>`,
      );
    }
    this.#y += lines * line;
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Text as XML writes it; control characters, which it cannot hold, become spaces. */
function escaped(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f]/g, " ").replace(/[&<>"]/g, (letter) => `&#${letter.codePointAt(0)};`);
}
