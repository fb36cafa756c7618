import { z } from "zod";
import { CorruptFileError } from "../util/errors.ts";
import type { ConvertMode, SegmentationDataset } from "./dataset.ts";
import type { MaskOptions } from "./mask-options.ts";
import type { ChannelStats } from "./transforms/normalize.ts";
import type { ApplyOptions } from "./transforms/plan.ts";
import type { TransformSpec } from "./transforms/table.ts";
import { parseJson } from "../util/parse-json.ts";

/** The options of a DataBunch that decide what a picture becomes. */
export interface DescribedOptions extends ApplyOptions {
  readonly batchSize?: number;
  readonly transforms?: readonly TransformSpec[];
  readonly validTransforms?: readonly TransformSpec[];
  readonly tfmY?: boolean;
}

/**
 * What is needed to prepare other pictures as those of a DataBunch were, without the pictures: plain data, as
 * fastai's `data.export` keeps it (fastai-spec §2.8).
 */
export interface DataDescription {
  /** Version of the format; always 1. */
  readonly format: 1;
  /** Class names; the position is the id. */
  readonly classes: readonly string[];
  /** The id of the class that stands for "not labelled", or null. */
  readonly voidIndex: number | null;
  /** How pixels of masks become class ids; as they are stored where left out. */
  readonly masks?: MaskOptions;
  /** How channels are read; "RGB" where left out. */
  readonly convertMode?: ConvertMode;
  /** Mean and standard deviation of the channels; null while pictures are not normalised. */
  readonly stats: ChannelStats | null;
  /** Size, transforms and size of a batch. */
  readonly options: DescribedOptions;
}

const kept = [
  "size",
  "batchSize",
  "transforms",
  "validTransforms",
  "tfmY",
  "resizeMethod",
  "paddingMode",
  "mult",
  "mode",
  "padClass",
] as const satisfies readonly (keyof DescribedOptions)[];

/** The description of data that were made with these options. */
export function describeData(
  { classes, voidIndex, masks, convertMode }: SegmentationDataset,
  options: DescribedOptions,
  stats: ChannelStats | null,
): DataDescription {
  const given = kept.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]);
  return {
    format: 1,
    ...{ classes, voidIndex, stats },
    ...(masks ? { masks } : {}),
    ...(convertMode ? { convertMode } : {}),
    options: Object.fromEntries(given) as DescribedOptions,
  };
}

const triple = z.tuple([z.number(), z.number(), z.number()]);
const byte = z.int().min(0).max(255);
const transforms = z.array(z.looseObject({ kind: z.string(), p: z.number().min(0).max(1).optional() })).optional();

const schema = z.object({
  format: z.literal(1),
  classes: z.array(z.string()).min(2).max(256),
  voidIndex: byte.nullable(),
  masks: z
    .strictObject({
      div: z.union([z.boolean(), z.number().positive()]).optional(),
      valueMap: z.record(z.string().regex(/^\d+$/), byte).optional(),
      colours: z.array(z.tuple([byte, byte, byte])).optional(),
      ignoreIndex: byte.optional(),
    })
    .optional(),
  convertMode: z.enum(["RGB", "L"]).optional(),
  stats: z.object({ mean: triple, std: triple }).nullable(),
  options: z.strictObject({
    size: z.union([z.int().positive(), z.tuple([z.int().positive(), z.int().positive()])]),
    batchSize: z.int().positive().optional(),
    transforms,
    validTransforms: transforms,
    tfmY: z.boolean().optional(),
    resizeMethod: z.enum(["crop", "pad", "squish", "no"]).optional(),
    paddingMode: z.enum(["reflection", "border", "zeros"]).optional(),
    mult: z.int().positive().optional(),
    mode: z.enum(["bilinear", "nearest"]).optional(),
    padClass: byte.optional(),
  }),
});

/**
 * Reads the text that `data.export` wrote.
 * @param name what error messages call the text.
 * @throws CorruptFileError naming what is wrong.
 * @see fastai-spec §2.8
 * @example const { classes, options } = parseDataDescription(await readFile("data.json", "utf8"), "data.json");
 */
export function parseDataDescription(text: string, name: string): DataDescription {
  const fail = (reason: string): CorruptFileError =>
    new CorruptFileError(`${name} is no description of data: ${reason}`, { hint: "Give a file data.export wrote." });
  let json: unknown;
  try {
    json = parseJson(text);
  } catch {
    throw fail("it is not JSON");
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data as DataDescription;
  const [issue] = parsed.error.issues;
  throw fail(`${issue?.path.join(".") || "the top"}: ${issue?.message}`);
}
