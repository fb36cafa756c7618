import sharp from "sharp";
import { ShapeError } from "../util/errors.ts";
import { writeBytes } from "./encode.node.ts";
import type { RgbImage, Size } from "./image.ts";
import type { Colour, Palette } from "./palette.ts";

export interface GridOptions {
  /** A caption over every column. */
  readonly captions?: readonly string[];
  /** Class names and their colours, explained below the pictures. */
  readonly legend?: { readonly classes: readonly string[]; readonly palette: Palette };
}

/** Least width of a picture on the sheet; smaller ones are magnified by a whole number. */
const cellWidth = 256;
const gap = 8;
const lineHeight = 22;
const swatch = 14;
const fontSize = 13;

/** A piece of text and where its baseline begins. */
interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

/**
 * Writes rows of pictures as one PNG contact sheet with captions and a legend. Where no font is installed the words
 * are left out.
 * @param rows pictures; each cell has the size of the largest.
 * @throws ShapeError for no pictures, ResourceError if the file cannot be written.
 */
export async function writeGrid(
  file: string,
  rows: readonly (readonly RgbImage[])[],
  options: GridOptions = {},
): Promise<void> {
  const all = rows.flat();
  if (all.length === 0) throw new ShapeError("writeGrid: expected at least one picture, but received none");
  const width = Math.max(...all.map((image) => image.width));
  const height = Math.max(...all.map((image) => image.height));
  const scale = Math.max(Math.ceil(cellWidth / width), 1);
  const sheet = new Sheet(rows, { height: height * scale, width: width * scale }, scale, options);
  await writeBytes(file, await sheet.png());
}

class Sheet {
  readonly #width: number;
  readonly #height: number;
  readonly #pixels: Uint8Array;
  readonly #labels: Label[] = [];

  constructor(rows: readonly (readonly RgbImage[])[], cell: Size, scale: number, { captions, legend }: GridOptions) {
    const columns = Math.max(...rows.map((row) => row.length));
    const top = captions === undefined ? 0 : lineHeight;
    this.#width = gap + columns * (cell.width + gap);
    const bottom = top + gap + rows.length * (cell.height + gap);
    const entries = legend === undefined ? [] : legendPlaces(legend.classes, this.#width, bottom);
    this.#height = entries.length === 0 ? bottom : entries.at(-1)!.y + lineHeight;
    this.#pixels = new Uint8Array(3 * this.#width * this.#height).fill(255);
    for (const [i, text] of (captions ?? []).entries()) {
      this.#labels.push({ text, x: gap + i * (cell.width + gap), y: lineHeight - 4 });
    }
    for (const [r, row] of rows.entries()) {
      for (const [c, image] of row.entries()) {
        this.#draw(image, gap + c * (cell.width + gap), top + gap + r * (cell.height + gap), scale);
      }
    }
    for (const [i, { x, y }] of entries.entries()) {
      this.#fill(x, y, legend!.palette[i] ?? [0, 0, 0]);
      this.#labels.push({ text: legend!.classes[i]!, x: x + swatch + 5, y: y + swatch - 3 });
    }
  }

  async png(): Promise<Uint8Array> {
    const sheet = sharp(this.#pixels, { raw: { width: this.#width, height: this.#height, channels: 3 } });
    if (this.#labels.length > 0 && (await hasFonts())) {
      sheet.composite([{ input: Buffer.from(svgText(this.#labels, this.#width, this.#height)) }]);
    }
    return sheet.png().toBuffer();
  }

  #draw(image: RgbImage, left: number, top: number, scale: number): void {
    for (let y = 0; y < image.height * scale; y++) {
      for (let x = 0; x < image.width * scale; x++) {
        const from = 3 * (Math.floor(y / scale) * image.width + Math.floor(x / scale));
        this.#pixels.set(image.data.subarray(from, from + 3), 3 * ((top + y) * this.#width + left + x));
      }
    }
  }

  #fill(left: number, top: number, colour: Colour): void {
    for (let y = top; y < top + swatch; y++) {
      for (let x = left; x < left + swatch; x++) this.#pixels.set(colour, 3 * (y * this.#width + x));
    }
  }
}

/** The top left corners of the legend's swatches, line by line. */
function legendPlaces(classes: readonly string[], width: number, top: number): { x: number; y: number }[] {
  const longest = Math.max(...classes.map((name) => name.length));
  const column = Math.min(swatch + 12 + Math.ceil(longest * fontSize * 0.62), width - 2 * gap);
  const columns = Math.max(Math.floor((width - gap) / column), 1);
  return classes.map((_, i) => ({
    x: gap + (i % columns) * column,
    y: top + Math.floor(i / columns) * lineHeight,
  }));
}

function svgText(labels: readonly Label[], width: number, height: number): string {
  const escape = (text: string) => text.replace(/[&<>]/g, (char) => `&#${char.codePointAt(0)};`);
  const lines = labels.map(({ text, x, y }) => `<text x="${x}" y="${y}">${escape(text)}</text>`);
  const font = `font-family="sans-serif" font-size="${fontSize}" fill="#222"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g ${font}>${lines.join("")}</g></svg>`;
}

/** Whether text can be drawn: without a font, different letters look alike (nothing, or the same box). */
async function hasFonts(): Promise<boolean> {
  try {
    const draw = (text: string) =>
      sharp(Buffer.from(svgText([{ text, x: 0, y: 20 }], 60, 30)))
        .raw()
        .toBuffer();
    return !(await draw("iii")).equals(await draw("WWW"));
  } catch {
    return false;
  }
}
