import { ConfigError } from "../util/errors.ts";
import { encodeUtf8 } from "../util/utf8.ts";

/** What makes the files of pictures from SVG text. */
export interface PlotWriter {
  /** Draws an SVG picture as the bytes of a PNG. */
  readonly drawPng: (svg: string) => Promise<Uint8Array>;
  /** Puts the font of its letters into an SVG picture. */
  readonly withFonts: (svg: string) => Promise<string>;
}

/**
 * The bytes of a plot's file: SVG or PNG, by the file name's extension.
 * @throws ConfigError for another extension.
 */
export async function plotBytes(file: string, svg: string, { drawPng, withFonts }: PlotWriter): Promise<Uint8Array> {
  requirePlotFile(file);
  if (!file.toLowerCase().endsWith(".svg")) return drawPng(svg);
  return encodeUtf8(await withFonts(svg));
}

/** Throws a ConfigError for a file that no plot can be written to, before anything is drawn. */
export function requirePlotFile(file: string): void {
  if (/\.(svg|png)$/i.test(file)) return;
  throw new ConfigError(`plot: expected a file name that ends in .svg or .png, but received ${file}`, {
    hint: "SVG stays sharp at any size; PNG is shown everywhere.",
  });
}
