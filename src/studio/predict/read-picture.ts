import { DataError } from "../../util/errors.ts";

/** As many pixels are looked at: a canvas of more is refused by telephones. */
const mostPixels = 8_000_000;

/** A picture of a file, made smaller where it has very many pixels. Throws a DataError for what is no picture. */
export async function readPicture(file: Blob, name: string): Promise<ImageBitmap> {
  const picture = await createImageBitmap(file).catch((error: unknown) => {
    throw new DataError(`${name} is no picture that this browser can read.`, {
      hint: "Try a JPEG or a PNG.",
      cause: error,
    });
  });
  const { width, height } = picture;
  const scale = Math.sqrt(mostPixels / (width * height));
  if (scale >= 1) return picture;
  const size = { resizeWidth: Math.round(scale * width), resizeHeight: Math.round(scale * height) };
  const smaller = await createImageBitmap(picture, { ...size, resizeQuality: "high" });
  picture.close();
  return smaller;
}
