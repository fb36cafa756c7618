import path from "node:path";
import { Random } from "../../util/random.ts";
import { writeImage, writeMask } from "../encode.node.ts";
import { paletteFor } from "../palette.ts";
import { drawStreet, streetsClasses } from "./streets.ts";

/** One picture to draw and write. */
export interface StreetTask {
  readonly folder: string;
  /** The file name without extension. */
  readonly name: string;
  readonly seed: number;
  /** Name its generator below the seed. */
  readonly keys: readonly [split: string, number: number];
  readonly height: number;
  readonly width: number;
}

const palette = paletteFor(streetsClasses);

/** Draws a street and writes its image and mask. Throws a ResourceError if they cannot be written. */
export async function writeStreet({ folder, name, seed, keys, height, width }: StreetTask): Promise<void> {
  const { image, mask } = drawStreet(new Random(seed).split(...keys), { height, width });
  await writeImage(path.join(folder, "images", `${name}.png`), { data: image, height, width });
  await writeMask(path.join(folder, "labels", `${name}_P.png`), { data: mask, height, width }, palette);
}
