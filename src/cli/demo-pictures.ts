import { basename } from "node:path";
import sharp from "sharp";
import { openFolder } from "../data/folder.node.ts";
import { drawStreet, streetsClasses } from "../data/streets/streets.ts";
import type { DemoPicture } from "../serve/demo/site.node.ts";
import { DataError, messageOf } from "../util/errors.ts";
import { Random } from "../util/random.ts";
import type { CommandIo } from "./command.ts";
import { folderOf } from "./data-source.ts";
import type { DemoModel } from "./demo-model.ts";

const count = 4;

/** The longest side, in pixels. */
const longest = 1280;

/**
 * Pictures to try a model on: scenes that are drawn for one that knows the classes of `streets`, else pictures that its run
 * was validated on. Where they are not on this machine any more, there are none, which is said.
 */
export async function demoPictures({ classes, run }: DemoModel, { output }: CommandIo): Promise<DemoPicture[]> {
  if (classes.join("\n") === streetsClasses.join("\n")) return drawnPictures();
  if (!run) return [];
  try {
    const { data } = await run.readArguments();
    // Nothing is downloaded for it.
    const signal = AbortSignal.abort(new DataError(`${String(data)} is not on this machine`));
    const { valid } = await openFolder(await folderOf(String(data), { output, signal }));
    const step = Math.max(valid.length / count, 1);
    const chosen = Array.from({ length: Math.min(count, valid.length) }, (_, i) => valid[Math.floor(i * step)]!);
    return await Promise.all(chosen.map(async ({ image }) => ({ name: basename(image), bytes: await smaller(image) })));
  } catch (error) {
    output.note(`note: the page offers no pictures of the run: ${messageOf(error)}`);
    return [];
  }
}

async function drawnPictures(): Promise<DemoPicture[]> {
  const size = { height: 288, width: 384 };
  const drawn = Array.from({ length: count }, async (_, i) => {
    const { image, height, width } = drawStreet(new Random(2).split("demo", i), size);
    const bytes = await sharp(image, { raw: { height, width, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer();
    return { name: `drawn street ${i + 1}`, bytes };
  });
  return Promise.all(drawn);
}

/** A picture as a JPEG of moderate size, without what else its file tells, such as where it was taken. */
async function smaller(file: string): Promise<Uint8Array> {
  const size = { width: longest, height: longest, fit: "inside", withoutEnlargement: true } as const;
  return sharp(file).resize(size).jpeg({ quality: 88 }).toBuffer();
}
