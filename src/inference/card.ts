import { z } from "zod";
import { encoders } from "../models/encoders/index.ts";
import { CorruptFileError } from "../util/errors.ts";

const triple = z.tuple([z.number(), z.number(), z.number()]);
const byte = z.int().min(0).max(255);

const schema = z.object({
  format: z.literal(1),
  /** The arguments that `unet` was called with. */
  architecture: z.object({
    encoder: z.enum(Object.keys(encoders) as (keyof typeof encoders)[]),
    bottle: z.boolean().default(false),
    selfAttention: z.boolean().default(false),
    blur: z.boolean().default(false),
  }),
  classes: z.array(z.string()).min(1).max(256),
  voidIndex: z.int().min(0).max(255).nullable(),
  /** Red, green and blue of every class. */
  palette: z.array(z.tuple([byte, byte, byte])),
  /** Height and width of the pictures it was trained on. */
  size: z.tuple([z.int().positive(), z.int().positive()]),
  stats: z.object({ mean: triple, std: triple }),
});

/** What a weights file says of itself: all that is needed to predict with it. */
export type ModelCard = z.infer<typeof schema>;

/** The card as the text that a file's metadata holds. */
export function encodeCard(card: ModelCard): string {
  return JSON.stringify(card);
}

/** Reads a card; throws a CorruptFileError that names the file and what is wrong. */
export function decodeCard(text: string | undefined, file: string): ModelCard {
  const fail = (reason: string, cause?: unknown): CorruptFileError =>
    new CorruptFileError(`${file}: ${reason}`, { hint: "Give a weights file that segkit train wrote.", cause });
  if (text === undefined) throw fail("holds weights but no description of the model");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw fail("its description of the model is not JSON", error);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw fail(`its description of the model is wrong at ${issue?.path.join(".") || "the top"}: ${issue?.message}`);
}
