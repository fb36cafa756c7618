import { dirname, resolve } from "node:path";
import { makeFolders, writeWhole } from "../util/files.node.ts";
import { withFonts } from "./font-faces.node.ts";
import { plotBytes } from "./plot-file.ts";
import { svgToPng } from "./png.node.ts";

/**
 * Writes a plot as .svg or .png, by the file's extension, with the folders it is in. Either looks the same on a machine
 * without fonts.
 * @throws ConfigError for another extension, ResourceError when the file cannot be written.
 * @example await writePlot("runs/first/losses.png", await learner.recorder.plotLosses());
 */
export async function writePlot(file: string, svg: string): Promise<void> {
  const bytes = await plotBytes(file, svg, { drawPng: svgToPng, withFonts });
  // Of a folder that cannot be made, writing says why.
  await makeFolders(dirname(resolve(file))).catch(() => {});
  await writeWhole(file, [bytes]);
}
