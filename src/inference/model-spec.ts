import * as z from "zod/mini";
import { CorruptFileError } from "../util/errors.ts";
import { parseJson } from "../util/parse-json.ts";

/** The key of the spec among the metadata of an exported file. */
export const specKey = "seg.spec";

/** Of the pictures that a network sees, in pixels. */
export const longestSide = 2 ** 14;

/** Pixels of the size that a network is made for. */
const mostSeen = 2 ** 24;

const triple = z.tuple([z.number(), z.number(), z.number()]);
const byte = z.int().check(z.minimum(0), z.maximum(255));
const length = z.int().check(z.minimum(1), z.maximum(longestSide));

const schema = z.object({
  format: z.literal(1),
  /** Names of the classes, by id. */
  names: z.array(z.string()).check(z.minLength(1), z.maxLength(256)),
  /** Red, green and blue of every class, 0–255. */
  colors: z.array(z.tuple([byte, byte, byte])),
  /** The id of pixels that nobody labelled; null where there are none. */
  ignoreIndex: z.nullable(byte),
  /** Mean and standard deviation of each channel, of pixels in [0, 1]. */
  stats: z.object({ mean: triple, std: triple }),
  /** How a picture becomes the network's input. */
  resize: z.object({
    /** Height and width it was trained at; it takes others too. */
    size: z.tuple([length, length]).check(z.refine(([height, width]) => height * width <= mostSeen, "too many pixels")),
    /** The least height and width it takes. */
    minimum: length,
    /** Both sides are brought to the size, whatever their proportion. */
    mode: z.literal("squish"),
    /** Corner pixels stay on corners; where a picture shrinks by more than 2, it is averaged over areas first. */
    interpolation: z.literal("bilinear-align-corners"),
  }),
  input: z.object({
    name: z.string(),
    /** float32: normalised, [batch, 3, height, width]. uint8: pixels 0–255, normalised in the graph. */
    dtype: z.enum(["float32", "uint8"]),
    layout: z.enum(["NCHW", "NHWC"]),
  }),
  output: z.object({
    name: z.string(),
    /** logits: float32 [batch, classes, height, width]. ids: uint8 [batch, height, width]. */
    kind: z.enum(["logits", "ids"]),
  }),
  precision: z.enum(["fp32", "fp16", "int8"]),
  /** The run folder's name, and the hash of the dataset; null where they are not known. */
  run: z.nullable(z.string()),
  dataset: z.nullable(z.string()),
});

/** What an exported file says of itself: all that is needed to predict with it. */
export type ModelSpec = z.infer<typeof schema>;

/** How exactly a file computes. */
export type Precision = ModelSpec["precision"];

export function encodeSpec(spec: ModelSpec): string {
  return JSON.stringify(spec);
}

/** Reads a spec; throws a CorruptFileError that says what is wrong. */
export function decodeSpec(text: string | undefined): ModelSpec {
  const fail = (reason: string, cause?: unknown): CorruptFileError =>
    new CorruptFileError(`model: ${reason}`, { hint: "Give a file that segkit export wrote.", cause });
  if (text === undefined) throw fail(`its metadata holds no ${specKey}`);
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    throw fail(`its ${specKey} is not JSON`, error);
  }
  const parsed = z.safeParse(schema, json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw fail(`its ${specKey} is wrong at ${issue?.path.join(".") || "the top"}: ${issue?.message}`);
  }
  const { names, colors } = parsed.data;
  if (colors.length !== names.length)
    throw fail(`its ${specKey} has ${names.length} names and ${colors.length} colors`);
  return parsed.data;
}
