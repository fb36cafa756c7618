import { plotBytes, requirePlotFile } from "../plots/plot-file.ts";
import { ConfigError } from "../util/errors.ts";
import type { Host } from "./host.ts";

/**
 * Draws a plot and, where a file is named, writes it there as .svg or .png; returns the SVG.
 * @throws ConfigError for another extension, a PNG where nothing draws one, or no place for files; ResourceError when the file cannot be
 * written.
 */
export async function savePlot(
  host: Host | undefined,
  file: string | undefined,
  draw: () => Promise<string>,
): Promise<string> {
  if (file === undefined) return draw();
  requirePlotFile(file);
  if (!host)
    throw new ConfigError(`plot: the learner has no place for files, so ${file} cannot be written`, {
      hint: "Take the SVG that comes back, or give the learner a host.",
    });
  const svg = await draw();
  const writer = {
    drawPng: (picture: string) => png(host, picture),
    withFonts: async (picture: string) => (await host.withFonts?.(picture)) ?? picture,
  };
  await host.write(file, await plotBytes(file, svg, writer));
  return svg;
}

function png(host: Host, svg: string): Promise<Uint8Array> {
  if (host.drawPng) return host.drawPng(svg);
  throw new ConfigError("plot: nothing here draws PNG files", { hint: "Name a file that ends in .svg." });
}
