import type { Finding, Place } from "../data/check/findings.ts";
import type { CheckedSource } from "../data/check/pairs.ts";
import { readPicture } from "../data/read-picture.node.ts";

/** Pictures shown of one finding, and of all together: the page stays small. */
const mostEach = 6;
const mostInAll = 72;
/** Pixels of the longer side. */
const side = 200;

/** A small picture on a page. */
export interface Thumbnail {
  readonly name: string;
  /** A data: URI; null where the file cannot be shown. */
  readonly url: string | null;
}

/** The first places of every finding that are pictures, with the other picture where there are two. */
export async function thumbnailsOf(
  findings: readonly Finding[],
  { pairs }: CheckedSource,
): Promise<ReadonlyMap<Place, readonly Thumbnail[]>> {
  const images = new Map(pairs.map(({ image }) => [image.name, image.path]));
  const masks = new Map(pairs.flatMap(({ mask }) => (mask ? [[mask.name, mask.path] as const] : [])));
  const thumbnails = new Map<Place, Thumbnail[]>();
  let left = mostInAll;
  for (const { places } of findings)
    for (const place of places.slice(0, mostEach)) {
      const shown: Thumbnail[] = [];
      for (const name of [place.file, place.other]) {
        const path = name === undefined ? undefined : (images.get(name) ?? masks.get(name));
        if (name === undefined || path === undefined || left === 0) continue;
        left--;
        shown.push({ name, url: await thumbnail(path, masks.has(name)) });
      }
      if (shown.length > 0) thumbnails.set(place, shown);
    }
  return thumbnails;
}

/** A small JPEG, or PNG of a mask, stretched to be seen: ids are dark. */
async function thumbnail(path: string, isMask: boolean): Promise<string | null> {
  try {
    const bytes = await readPicture(path, { failOn: "none" }, (picture) => {
      const small = picture.resize({
        ...{ width: side, height: side, fit: "inside", withoutEnlargement: true },
        kernel: isMask ? "nearest" : "lanczos3",
      });
      return isMask
        ? small.normalise().png({ compressionLevel: 9 }).toBuffer()
        : small.flatten({ background: "#888" }).toColourspace("srgb").jpeg({ quality: 70 }).toBuffer();
    });
    return `data:image/${isMask ? "png" : "jpeg"};base64,${bytes.toString("base64")}`;
  } catch {
    return null;
  }
}
