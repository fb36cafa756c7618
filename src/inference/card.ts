import { z } from "zod";
import type { DataBunch } from "../data/databunch.ts";
import { type EncoderName, encoders } from "../models/encoders/index.ts";
import type { SegmentationModel } from "../models/model.ts";
import { type UNet, unet } from "../models/unet/unet.ts";
import { ConfigError, CorruptFileError } from "../util/errors.ts";
import { longestSide } from "./model-spec.ts";
import { parseJson } from "../util/parse-json.ts";

const triple = z.tuple([z.number(), z.number(), z.number()]);
const byte = z.int().min(0).max(255);
const side = z.int().positive().max(longestSide);

/** The options of `unet` that can be recorded: all of them, the encoder by its name. */
const architecture = z.object({
  encoder: z.enum(Object.keys(encoders) as [EncoderName, ...EncoderName[]]),
  channels: z.int().positive().default(3),
  blur: z.boolean().default(false),
  blurFinal: z.boolean().default(true),
  selfAttention: z.boolean().default(false),
  yRange: z.tuple([z.number(), z.number()]).nullable().default(null),
  lastCross: z.boolean().default(true),
  bottle: z.boolean().default(false),
  normType: z.enum(["batch", "batchZero", "weight", "spectral"]).nullable().default(null),
});

const schema = z.object({
  format: z.literal(1),
  architecture,
  classes: z.array(z.string()).min(1).max(256),
  voidIndex: z.int().min(0).max(255).nullable(),
  /** Red, green and blue of every class. */
  palette: z.array(z.tuple([byte, byte, byte])),
  /** Height and width of the pictures it was trained on. */
  size: z.tuple([side, side]),
  stats: z.object({ mean: triple, std: triple }),
});

/** What a weights file says of itself: all that is needed to predict with it. */
export type ModelCard = z.infer<typeof schema>;

/** The card of a model trained on `data`. Throws a ConfigError when the model's encoder is not one of segkit's own. */
export function cardOf(model: SegmentationModel, data: DataBunch): ModelCard {
  const parsed = architecture.safeParse(model.architecture);
  if (!parsed.success)
    throw new ConfigError("save: the model has an encoder of your own, which a weights file cannot describe", {
      hint: `Save its stateDict() yourself, or use one of ${Object.keys(encoders).join(", ")}.`,
    });
  const { classes, voidIndex, palette, size, stats } = data;
  return {
    format: 1,
    architecture: parsed.data,
    classes: [...classes],
    voidIndex,
    palette: palette.map(([r, g, b]) => [r, g, b]),
    size: [...size],
    stats: { mean: [...stats.mean], std: [...stats.std] },
  };
}

/** The network that a card describes. */
export function modelOf({ architecture: options, classes }: ModelCard): UNet {
  return unet({ ...options, classes: classes.length });
}

/** The card as the text that a file's metadata holds. */
export function encodeCard(card: ModelCard): string {
  return JSON.stringify(card);
}

/** Reads a card; throws a CorruptFileError that says what is wrong. */
export function decodeCard(text: string | undefined): ModelCard {
  const fail = (reason: string, cause?: unknown): CorruptFileError =>
    new CorruptFileError(`card: ${reason}`, { hint: "Give a weights file that segkit train wrote.", cause });
  if (text === undefined) throw fail("holds weights but no description of the model");
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    throw fail("its description of the model is not JSON", error);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw fail(`its description of the model is wrong at ${issue?.path.join(".") || "the top"}: ${issue?.message}`);
}
