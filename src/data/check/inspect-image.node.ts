import { createHash } from "node:crypto";
import type { Metadata } from "sharp";
import { messageOf, SegkitError } from "../../util/errors.ts";
import { readBounded } from "../../util/read-bounded.node.ts";
import { decodeImage } from "../decode.node.ts";
import type { RgbImage, Size } from "../image.ts";
import type { ImageFacts } from "./facts.ts";
import { isCutOff } from "./file-end.ts";
import type { FindingKind } from "./finding-rules.ts";
import type { Found } from "./findings.ts";
import { lookOf } from "./look.ts";
import type { NamedFile } from "./pairs.ts";
import { anySize, limitFault } from "../picture-limits.ts";
import { readPicture } from "../read-picture.node.ts";

/** What an image's header says, as far as it can be read. */
export interface ImageHeader extends Size {
  readonly orientation: number;
}

export interface ImageInspection {
  readonly found: readonly Found[];
  readonly header: ImageHeader | null;
  readonly facts: ImageFacts | null;
}

/** Of an image file that is looked at closely. */
const mostBytes = 2 ** 29;

/** Reads an image whole and says what is wrong or unusual about it. */
export async function inspectImage({ path, name }: NamedFile): Promise<ImageInspection> {
  const at = (kind: FindingKind, detail = ""): Found => ({ kind, file: name, detail });
  const nothing = (found: Found): ImageInspection => ({ found: [found], header: null, facts: null });
  let bytes: Buffer;
  try {
    bytes = await readBounded(path, mostBytes);
  } catch (error) {
    return nothing(at("unreadable-image", reasonOf(error)));
  }
  if (bytes.length === 0) return nothing(at("unreadable-image", "it is empty"));
  const metadata = await readPicture(bytes, { limits: anySize }, (picture) => picture.metadata()).catch(() => null);
  if (metadata === null)
    return nothing(
      isCutOff(bytes) ? at("truncated-image") : at("unreadable-image", "it is no picture of a known format"),
    );
  const { height, width, orientation = 1 } = metadata;
  const header = { height, width, orientation };
  const fault = limitFault(metadata);
  if (fault !== null) return { ...nothing(at("unreadable-image", fault)), header };
  const found = oddities(metadata, at);
  const image = await decodeImage(bytes, { failOn: "warning" }).catch(() => null);
  if (image) return { found, header, facts: factsOf(image) };
  const forgiven = await decodeImage(bytes).catch(() => null);
  if (forgiven) return { found: [...found, at("doubtful-image")], header, facts: factsOf(forgiven) };
  return { found: [...found, at(isCutOff(bytes) ? "truncated-image" : "damaged-image")], header, facts: null };
}

/** What is unusual about an image that can be read. */
function oddities(metadata: Metadata, at: (kind: FindingKind, detail: string) => Found): Found[] {
  const { depth, space, pages = 1, orientation = 1, hasAlpha, format } = metadata;
  return [
    ...(depth === "uchar" ? [] : [at("sixteen-bit-image", `${bitsOf[depth] ?? depth} bits per channel`)]),
    ...(space === "cmyk" ? [at("cmyk-image", "")] : []),
    ...(pages > 1 ? [at("animated-image", `${pages} frames (${format})`)] : []),
    ...(orientation > 1 ? [at("exif-rotated", `orientation ${orientation}: ${turns[orientation] ?? "unknown"}`)] : []),
    // Frames of films are stored as differences, with transparency for what stays.
    ...(hasAlpha && pages === 1 ? [at("alpha-image", "")] : []),
  ];
}

const bitsOf: Readonly<Record<string, string>> = { ushort: "16", short: "16", uint: "32", int: "32", float: "32" };

/** What viewers do to a picture of an EXIF orientation (Exif 2.3, section 4.6.4 A). */
const turns: Readonly<Record<number, string>> = {
  2: "mirrored",
  3: "turned by 180°",
  4: "mirrored top to bottom",
  5: "mirrored and turned by 90°",
  6: "turned right by 90°",
  7: "mirrored and turned by 90°",
  8: "turned left by 90°",
};

function factsOf(image: RgbImage): ImageFacts {
  const { height, width, data } = image;
  return { height, width, content: `${height}×${width} ${digest(data)}`, look: lookOf(image) };
}

/** A name for some bytes that no others have. */
export function digest(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("base64");
}

/** Why a file cannot be read. */
export function reasonOf(error: unknown): string {
  if (error instanceof SegkitError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "the file does not exist, or is a link to nothing";
  return code === "EACCES" || code === "EPERM" ? "permission denied" : (code ?? messageOf(error));
}
