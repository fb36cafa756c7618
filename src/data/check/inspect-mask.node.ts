import { hasPngSignature } from "fast-png";
import { CorruptFileError, messageOf } from "../../util/errors.ts";
import { readBounded } from "../../util/read-bounded.node.ts";
import { decodeStoredMask, mostMaskBytes } from "../decode.node.ts";
import { sameSize, type IdMask, type Size, sizeText } from "../image.ts";
import { divisor, maskTable, type MaskOptions } from "../mask-options.ts";
import { pngHeaderLength, type PngHeader, readPngHeader } from "../mask-png.ts";
import { histogramOf } from "../mask-values.ts";
import { applyTable } from "../mask-options.ts";
import type { MaskFacts } from "./facts.ts";
import { isCutOff } from "./file-end.ts";
import type { FindingKind } from "./finding-rules.ts";
import type { Found } from "./findings.ts";
import { digest, type ImageHeader, reasonOf } from "./inspect-image.node.ts";
import { AreaBins, forEachObject } from "./objects.ts";
import type { NamedFile } from "./pairs.ts";
import { readPicture } from "../read-picture.node.ts";

export interface MaskInspection {
  readonly found: readonly Found[];
  readonly facts: MaskFacts | null;
}

type At = (kind: FindingKind, detail?: string) => Found;

/** Reads a mask whole and says what is wrong or unusual about it. */
export async function inspectMask(
  { path, name }: NamedFile,
  image: (ImageHeader & { readonly name: string }) | null,
  masks: MaskOptions | undefined,
): Promise<MaskInspection> {
  const at: At = (kind, detail = "") => ({ kind, file: name, detail });
  const nothing = (...found: Found[]): MaskInspection => ({ found, facts: null });
  let bytes: Buffer;
  try {
    bytes = await readBounded(path, mostMaskBytes);
  } catch (error) {
    return nothing(at("unreadable-mask", reasonOf(error)));
  }
  if (bytes.length === 0) return nothing(at("unreadable-mask", "it is empty"));
  const isPngName = name.toLowerCase().endsWith(".png");
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  const header = readPngHeader(bytes.subarray(0, pngHeaderLength));
  if (header === null && !(isJpeg && isPngName)) return nothing(await otherKind(bytes, isJpeg, at));
  const found = header && image ? misfit(header, image, at) : [];
  let mask: IdMask;
  try {
    mask = await decodeStoredMask(path, { name, masks });
  } catch (error) {
    return nothing(...found, undecodable(error, bytes, header, masks, at));
  }
  if (!isPngName) return nothing(...found, at("mask-format", "a PNG under another name"));
  if (header === null && image) found.push(...misfit(mask, image, at));
  if (header === null) found.push(at("lossy-mask"));
  if (header?.colour === "palette" && masks?.colours === undefined) found.push(at("palette-mask"));
  const histogram = histogramOf(mask.data);
  if (masks && histogram.some((count, value) => count > 0 && value % divisor(masks) !== 0))
    found.push(at("rounded-mask"));
  applyTable(mask.data, maskTable(masks));
  return { found, facts: factsOf(mask) };
}

/** What a file is that does not begin like a PNG. */
async function otherKind(bytes: Buffer, isJpeg: boolean, at: At): Promise<Found> {
  if (isJpeg) return at("jpeg-mask");
  if (bytes.length >= 8 && hasPngSignature(bytes)) return at("truncated-mask", "its header is incomplete");
  const metadata = await readPicture(bytes, {}, (picture) => picture.metadata()).catch(() => null);
  return metadata ? at("mask-format", `it is ${metadata.format}, no PNG`) : at("unreadable-mask", "it is no picture");
}

/** What is wrong with a mask of another size than its image. */
function misfit(mask: Size, image: ImageHeader & { readonly name: string }, at: At): Found[] {
  if (sameSize(mask, image)) return [];
  const turned = { height: image.width, width: image.height };
  const detail = `${sizeText(mask)}, but its image ${image.name} is ${sizeText(image)}`;
  return [at(image.orientation >= 5 && sameSize(mask, turned) ? "exif-mismatch" : "size-mismatch", detail)];
}

/** Why the ids of a mask could not be read. */
function undecodable(
  error: unknown,
  bytes: Buffer,
  header: PngHeader | null,
  masks: MaskOptions | undefined,
  at: At,
): Found {
  if (header === null) return at("jpeg-mask");
  if (header.bitDepth > 8) return at("sixteen-bit-mask");
  if (error instanceof CorruptFileError)
    return isCutOff(bytes) ? at("truncated-mask") : at("damaged-mask", messageOf(error).replace(/^.*truncated: /, ""));
  if (masks?.colours !== undefined) return at("unlisted-colour", messageOf(error).replace(/^.* holds the /, "the "));
  if (header.colour.startsWith("rgb")) return at("colour-mask", header.colour);
  return at("mask-format", messageOf(error));
}

function factsOf(mask: IdMask): MaskFacts {
  const pixels = [...histogramOf(mask.data).entries()].filter(([, count]) => count > 0).flat();
  const counts = new Map<number, number>();
  forEachObject(mask, (id, area) => {
    const key = 256 * AreaBins.binOf(area) + id;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  });
  const objects = [...counts].flatMap(([key, count]) => [key % 256, Math.floor(key / 256), count]);
  return { content: digest(mask.data), pixels: Float64Array.from(pixels), objects: Uint32Array.from(objects) };
}
