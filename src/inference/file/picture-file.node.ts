import sharp from "sharp";
import { readImageHeader } from "../../data/decode.node.ts";
import { CorruptFileError, messageOf } from "../../util/errors.ts";
import type { PictureSource } from "./windows.ts";

/**
 * A picture file of any size as a source of rows, for `predictRows`: only those asked for are in memory. Each call reads the
 * file from its beginning, which takes a moment beside predicting the rows. Errors as `decodeImage`.
 * @example for await (const rows of predictor.predictRows(await openPictureRows("plan.tif"))) console.log(rows.top);
 */
export async function openPictureRows(file: string): Promise<PictureSource> {
  const { height, width } = await readImageHeader(file);
  const options = { ignoreIcc: true, limitInputPixels: false, sequentialRead: true, failOn: "error" } as const;
  return {
    height,
    width,
    rows: async (top, count) => {
      try {
        const data = await sharp(file, options)
          .extract({ left: 0, top, width, height: count })
          .toColourspace("srgb")
          .removeAlpha()
          .raw({ depth: "uchar" })
          .toBuffer();
        return { data, height: count, width };
      } catch (error) {
        throw new CorruptFileError(`${file}: rows from ${top} on cannot be read: ${messageOf(error)}`, {
          cause: error,
        });
      }
    },
  };
}
