import type { MaskOptions } from "../data/mask-options.ts";
import type { Colour } from "../data/palette.ts";
import { flipLr } from "../data/transforms/builders.ts";
import { getTransforms, type TransformPair } from "../data/transforms/get-transforms.ts";
import { ConfigError, CorruptFileError, DataError, messageOf } from "../util/errors.ts";
import { readText } from "../util/read-bounded.node.ts";
import { maskOptionsOf } from "./objective.ts";
import type { TrainOptions } from "./train-options.ts";

/** The options that say how masks are read. */
export type MaskArguments = Partial<Pick<TrainOptions, "maskDiv" | "maskMap" | "maskColours" | "ignoreIndex">>;

/** The transforms of a name: of the training pictures, and of the others. */
export function transformsOf(name: TrainOptions["transforms"]): TransformPair {
  if (name === "fastai") return getTransforms();
  return [name === "flip" ? [flipLr({ p: 0.5 })] : [], []];
}

/**
 * How masks are read; undefined where nothing is asked for.
 * @throws ConfigError for a text that is no map, DataError for a file of colours that is none.
 */
export async function masksOf(options: MaskArguments): Promise<MaskOptions | undefined> {
  const { maskDiv, maskMap, maskColours, ignoreIndex } = options;
  const masks: MaskOptions = {
    ...maskOptionsOf(ignoreIndex),
    ...(maskDiv === true ? { div: true } : {}),
    ...(maskMap === undefined ? {} : { valueMap: parseValueMap(maskMap) }),
    ...(maskColours === undefined ? {} : { colours: await readColours(maskColours) }),
  };
  return Object.keys(masks).length === 0 ? undefined : masks;
}

/** `255:11,7:0` as ids by values. */
function parseValueMap(text: string): Record<number, number> {
  const pairs = text.split(",").map((pair) => /^\s*(\d+)\s*:\s*(\d+)\s*$/.exec(pair));
  if (pairs.every((pair) => pair !== null))
    return Object.fromEntries(pairs.map(([, from, to]) => [Number(from), Number(to)]));
  throw new ConfigError(`--mask-map: expected pairs of a value and its class id, but received "${text}"`, {
    hint: "Write them as 255:11,7:0.",
  });
}

/** Colours from a text file, red green blue on every line and a name after it if wanted, as CamVid's label_colors.txt. */
async function readColours(file: string): Promise<Colour[]> {
  const text = await readText(file).catch((error: unknown) => {
    if (error instanceof CorruptFileError) throw error;
    throw new DataError(`--mask-colours: ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  });
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== "");
  return lines.map((line, i) => {
    const [, red, green, blue] = /^\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:\s|$)/.exec(line) ?? [];
    const colour = [Number(red), Number(green), Number(blue)] as const;
    if (colour.every((value) => value <= 255)) return colour;
    throw new DataError(`--mask-colours: line ${i + 1} of ${file} is no colour: ${line.trim()}`, {
      hint: "Write red, green and blue from 0 to 255, one class a line, in the order of codes.txt.",
    });
  });
}

/** The mask options that a run's args.yaml records; runs older than an option go without it. */
export function recordedMasks({ maskDiv, maskMap, maskColours, ignoreIndex }: Record<string, unknown>): MaskArguments {
  const text = (value: unknown): string | undefined =>
    typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  return {
    maskDiv: maskDiv === true,
    maskMap: text(maskMap),
    maskColours: text(maskColours),
    ignoreIndex: text(ignoreIndex),
  };
}
