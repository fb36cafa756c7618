import type { IncomingMessage } from "node:http";
import { decodeImage, readImageHeader } from "../data/decode.node.ts";
import { type RgbImage, sizeText } from "../data/image.ts";
import { beginsLikePicture } from "../data/read-picture.node.ts";
import { CorruptFileError, OversizeError } from "../util/errors.ts";
import type { ServeLimits } from "./limits.ts";
import { Problem } from "./problem.ts";

/** Media types of bodies that are a picture. What the bytes are is found out from themselves. */
export const pictureTypes = [
  ...["image/jpeg", "image/png", "image/webp", "image/tiff", "image/gif"],
  "image/*",
] as const;

/** The media type of a form with a picture in it. */
export const formType = "multipart/form-data";

/** Throws a Problem for a body of another media type, or a compressed one. */
export function requireTaken(request: IncomingMessage): void {
  const type = mediaTypeOf(request);
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding === "identity" && (type === formType || pictureTypes.some((each) => each === type))) return;
  const accept = [...pictureTypes, formType].join(", ");
  throw new Problem(
    "unsupported-media-type",
    encoding === "identity" ? "the body is neither a picture nor a form" : "the body is compressed once more",
    { hint: `Send a picture with a Content-Type of ${accept}.`, headers: { Accept: accept } },
  );
}

function mediaTypeOf({ headers }: IncomingMessage): string {
  return (headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
}

/** Reads the body of a request. Throws a Problem as soon as it is known to be over the limit. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer<ArrayBuffer>> {
  const tooLarge = (): Problem =>
    new Problem("body-too-large", `the limit is ${limit} bytes`, {
      hint: "Send a smaller or more compressed picture.",
    });
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  // The connection is still needed for the answer when reading ends early.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** The picture in a body: the body itself, or the only part of a form, which is a file. */
export async function pictureIn(request: IncomingMessage, body: Buffer<ArrayBuffer>): Promise<Uint8Array> {
  if (mediaTypeOf(request) !== formType) return body;
  const hint = "Send one file, such as with curl -F picture=@photo.jpg.";
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  const form = await new Response(body, { headers }).formData().catch((cause: unknown) => {
    throw new Problem("bad-request", "the form cannot be read", { hint, cause });
  });
  const [part, ...more] = [...form.values()];
  if (part === undefined || typeof part === "string" || more.length > 0)
    throw new Problem("bad-request", "the form does not hold one file and nothing else", { hint });
  return new Uint8Array(await part.arrayBuffer());
}

/** Decodes a picture from its bytes. Throws a Problem for what is none, is damaged or has too many pixels. */
export async function decodePicture(bytes: Uint8Array, { pixels }: ServeLimits): Promise<RgbImage> {
  if (!beginsLikePicture(bytes))
    throw new Problem("not-a-picture", "the body does not begin like a picture of a known format", {
      hint: "Send a JPEG, PNG, WebP, TIFF or GIF picture.",
    });
  try {
    const header = await readImageHeader(bytes);
    if (header.width * header.height > pixels) throw tooManyPixels(`it is ${sizeText(header)}, the limit is ${pixels}`);
    return await decodeImage(bytes, { limits: { pixels } });
  } catch (error) {
    if (error instanceof OversizeError) throw tooManyPixels(`the limit is ${pixels}`);
    if (!(error instanceof CorruptFileError)) throw error;
    throw new Problem("damaged-picture", "the picture is damaged or truncated", {
      hint: "Save it again as JPEG or PNG.",
      cause: error,
    });
  }
}

function tooManyPixels(detail: string): Problem {
  return new Problem("picture-too-large", detail, { hint: "Send a smaller picture." });
}
