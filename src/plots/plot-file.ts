import { ConfigError } from "../util/errors.ts";
import { encodeUtf8 } from "../util/utf8.ts";

/** Draws an SVG picture as the bytes of a PNG. */
export type DrawPng = (svg: string) => Promise<Uint8Array>;

/**
 * The bytes of a plot's file: SVG or PNG, by the file name's extension.
 * @throws ConfigError for another extension.
 */
export async function plotBytes(file: string, svg: string, drawPng: DrawPng): Promise<Uint8Array> {
  requirePlotFile(file);
  return file.toLowerCase().endsWith(".svg") ? encodeUtf8(svg) : drawPng(svg);
}

/** Throws a ConfigError for a file that no plot can be written to, before anything is drawn. */
export function requirePlotFile(file: string): void {
  if (/\.(svg|png)$/i.test(file)) return;
  throw new ConfigError(`plot: expected a file name that ends in .svg or .png, but received ${file}`, {
    hint: "SVG stays sharp at any size; PNG is shown everywhere.",
  });
}
