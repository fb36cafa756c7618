import sharp from "sharp";
import type { z } from "zod";
import { type CocoRle, encodeCocoRle } from "../data/coco-rle.ts";
import type { IdMask, RgbImage } from "../data/image.ts";
import { encodeMaskPng } from "../data/mask-png.ts";
import { overlay, requireColours } from "../data/overlay.ts";
import type { rleAnswer, sharesAnswer } from "./schemas.ts";
import type { ServedModel } from "./served-model.ts";

/** A picture with its mask, and what is needed to tell of it. */
export interface Prediction {
  readonly image: RgbImage;
  readonly mask: IdMask;
  readonly model: ServedModel;
  /** Where the time went. */
  readonly milliseconds: z.infer<typeof sharesAnswer>["milliseconds"];
}

/** How a client wants its answer. */
export interface AnswerOptions {
  /** How strong the colours of an overlay are, 0–1. */
  readonly opacity: number;
}

/** One way to tell of a prediction. */
interface Answer {
  readonly description: string;
  encode(prediction: Prediction, options: AnswerOptions): Promise<Uint8Array<ArrayBuffer>>;
}

/** The ways to tell of a prediction, by media type; the first where a client has no wish. */
export const answers = {
  "image/png": {
    description: "the mask: an indexed PNG whose pixel values are the ids of the classes",
    async encode({ mask, model }) {
      requireColours(mask, model.palette, "serve");
      return bytesOf(encodeMaskPng(mask, model.palette));
    },
  },
  "application/json": {
    description: "how much of each class the picture shows",
    encode: async (prediction) => jsonOf(sharesOf(prediction)),
  },
  "application/vnd.segkit.rle+json": {
    description: "where the classes are, as COCO's run-length encoding",
    encode: async (prediction) => jsonOf(segmentsOf(prediction)),
  },
  "image/jpeg": {
    description: "the picture with the colours of its mask over it",
    async encode({ image, mask, model }, { opacity }) {
      const { data, width, height } = overlay(image, mask, model.palette, opacity);
      return bytesOf(
        await sharp(data, { raw: { width, height, channels: 3 } })
          .jpeg({ quality: 90 })
          .toBuffer(),
      );
    },
  },
} as const satisfies Record<string, Answer>;

/** A media type that a prediction can be told in. */
export type AnswerType = keyof typeof answers;

export const answerTypes = Object.keys(answers) as readonly AnswerType[];

function sharesOf({ mask, model, milliseconds }: Prediction): z.infer<typeof sharesAnswer> {
  const pixels = new Uint32Array(256);
  for (let i = 0; i < mask.data.length; i++) pixels[mask.data[i]!]!++;
  const classes = model.classes.map((name, id) => {
    const colour = `#${model.palette[id]!.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
    return { id, name, colour, pixels: pixels[id]!, share: pixels[id]! / mask.data.length };
  });
  return { size: { height: mask.height, width: mask.width }, classes, milliseconds };
}

function segmentsOf(prediction: Prediction): z.infer<typeof rleAnswer> {
  const { size, classes, milliseconds } = sharesOf(prediction);
  const runs = encodeCocoRle(prediction.mask);
  const segments = classes.flatMap((each) => {
    const rle = runs.get(each.id);
    return rle ? [{ ...each, rle: copyOf(rle) }] : [];
  });
  return { size, segments, milliseconds };
}

function copyOf({ size: [height, width], counts }: CocoRle): { size: [number, number]; counts: string } {
  return { size: [height, width], counts };
}

function jsonOf(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** The bytes in memory that is not shared with other threads, as responses want them. */
function bytesOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : Uint8Array.from(bytes);
}
