import { rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { withFonts } from "../plots/font-faces.node.ts";
import { svgToPng } from "../plots/png.node.ts";
import { appendTo, makeFolder, requireWritable, writeWhole } from "../util/files.node.ts";
import { readModelFile } from "../util/read-bounded.node.ts";
import type { Host } from "./host.ts";

/**
 * The files of this computer. Paths that are not absolute start from the working folder.
 * @example
 * const model = unet({ encoder: "resnet18", classes: data.c });
 * const learner = await Learner.create(data, model, await openEngine(), { host: nodeHost });
 */
export const nodeHost: Host = {
  read: (path) => readModelFile(path, "Name a file that is there."),
  async write(path, content) {
    await makeFolder(dirname(path));
    await writeWhole(path, typeof content === "string" || content instanceof Uint8Array ? [content] : content);
  },
  append: appendTo,
  exists: async (path) => (await stat(path).catch(() => null)) !== null,
  remove: (path) => rm(path, { force: true }),
  requireWritable,
  drawPng: svgToPng,
  withFonts,
};
