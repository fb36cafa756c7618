import { bindInputs } from "../graph/rewrite.ts";
import { sizeOf } from "../graph/shape.ts";
import { input } from "../graph/tensor.ts";
import { channelScale } from "../data/transforms/normalize.ts";
import type { ModelSpec, Precision } from "../inference/model-spec.ts";
import type { SegmentationModel } from "../models/model.ts";
import { evaluation, stateTensors } from "../nn/module.ts";
import type { StateDict } from "../nn/state.ts";
import { lower, type LoweredProgram } from "../onnx/lower.ts";
import type { Values } from "../runtime/runtime.ts";
import { Random } from "../util/random.ts";
import { CorruptFileError, messageOf } from "../util/errors.ts";
import { bestClass } from "./best-class.ts";
import type { ProgramLoader } from "./program-loader.ts";

/** Pictures and their size: [n, height, width]. */
export type BatchSize = readonly [n: number, height: number, width: number];

/** What comparing an exported file with the live model showed at one size. */
export interface ExportCheck {
  readonly size: BatchSize;
  /** The largest difference of a logit, as a share of the largest logit; null where the file gives ids. */
  readonly difference: number | null;
  /** The share of pixels with the same class. */
  readonly agreement: number;
}

/**
 * How far logits may be from the live model's, as a share of the largest one: rounding. A quantised network is judged on real
 * pictures (`requireFaithful`): drawn ones have values that it was not calibrated for, so here its logits need only be numbers.
 */
const tolerances: Readonly<Record<Precision, number>> = { fp32: 1e-3, fp16: 0.03, int8: Number.MAX_VALUE };

const bug =
  "A model of your own must compute sizes from its input; with one of segkit's networks, please report this as a bug.";

/** The sizes a file is run at: the one it was trained at, the least one, and two odd pictures at once. */
export function checkedSizes({ resize: { size, minimum } }: ModelSpec): BatchSize[] {
  return [
    [1, ...size],
    [1, minimum, minimum + 15],
    [2, 2 * minimum + 1, 3 * minimum - 1],
  ];
}

/** The file as a program for pictures of one size; it loads as a user's does, with all that the runtime optimises. */
export function fileProgram(model: Uint8Array, spec: ModelSpec, [n, h, w]: BatchSize): LoweredProgram {
  const { input: given, output, names } = spec;
  const shape = given.layout === "NHWC" ? [n, h, w, 3] : [n, 3, h, w];
  const result = output.kind === "ids" ? [n, h, w] : [n, names.length, h, w];
  return {
    model,
    inputs: { [given.name]: { shape, dtype: given.dtype } },
    outputs: { [output.name]: { shape: result, dtype: output.kind === "ids" ? "uint8" : "float32" } },
    constants: { files: {}, layout: "blocked" },
  };
}

/**
 * Runs an exported file and the live model on the same pictures of one size. Throws a CorruptFileError where they differ
 * by more than rounding does.
 */
export async function compareWithModel(
  file: { readonly bytes: Uint8Array; readonly spec: ModelSpec },
  live: { readonly model: SegmentationModel; readonly state: StateDict },
  size: BatchSize,
  loader: ProgramLoader,
): Promise<ExportCheck> {
  const { bytes, spec } = file;
  const sizeText = `${size.slice(1).join("×")} pixels`;
  const pixels = drawnPixels(size);
  const normalised = normalisedPixels(pixels, size, spec);
  const fed =
    spec.input.dtype === "float32" ? normalised : spec.input.layout === "NHWC" ? pixels : planes(pixels, size);
  const expected = await runOnce(loader, liveProgram(live, size, loader), { images: normalised.slice() });
  const program = fileProgram(bytes, spec, size);
  const actual = await runOnce(loader, program, { [spec.input.name]: fed }).catch((error: unknown) => {
    const reason = messageOf(error).split("\n")[0];
    throw new CorruptFileError(`export: the file does not run at ${sizeText}: ${reason}`, {
      hint: bug,
      cause: error,
    });
  });
  const { length } = actual[spec.output.name]!;
  const due = sizeOf(program.outputs[spec.output.name]!.shape);
  if (length !== due)
    throw new CorruptFileError(`export: at ${sizeText} the file gives ${length} numbers instead of ${due}`, {
      hint: bug,
    });
  const check = checkOf(expected.logits as Float32Array, actual[spec.output.name]!, size, spec);
  const most = tolerances[spec.precision];
  if (!(check.worst <= most))
    throw new CorruptFileError(
      `export: at ${sizeText} the file's ${spec.output.kind} differ from the model's by ${check.worst.toPrecision(2)} of the largest logit, more than ${most}`,
      { hint: spec.precision === "fp16" ? "Its weights do not suit float16: export fp32." : bug },
    );
  return { size, difference: check.difference, agreement: check.agreement };
}

async function runOnce(
  loader: ProgramLoader,
  program: LoweredProgram,
  feeds: Values,
): ReturnType<Awaited<ReturnType<ProgramLoader["load"]>>["run"]> {
  const loaded = await loader.load(program);
  try {
    return await loaded.run(feeds);
  } finally {
    await loaded.release();
  }
}

/** The model as it validates, nothing folded. */
function liveProgram(
  { model, state }: { readonly model: SegmentationModel; readonly state: StateDict },
  [n, h, w]: BatchSize,
  { target }: ProgramLoader,
): LoweredProgram {
  const images = input("images", [n, 3, h, w]);
  const values = Object.entries(stateTensors(model)).map(([name, tensor]) => [tensor, state.get(name)!.data] as const);
  const outputs = bindInputs({ logits: model.forward(images, evaluation) }, new Map(values));
  return lower({ inputs: { images }, outputs, weightLayout: "plain" }, target);
}

/** Pixels of drawn pictures [n, h, w, 3]: coarse patches of colour with noise over them. */
function drawnPixels([n, h, w]: BatchSize): Uint8Array {
  const random = new Random(1);
  const [rows, columns] = [Math.ceil(h / 8), Math.ceil(w / 8)];
  const patches = Array.from({ length: n * rows * columns * 3 }, () => random.uniform() * 255);
  return Uint8Array.from({ length: n * h * w * 3 }, (_, i) => {
    const [c, x, y, picture] = [i % 3, Math.floor(i / 3) % w, Math.floor(i / 3 / w) % h, Math.floor(i / 3 / w / h)];
    const patch = (picture * rows + Math.floor(y / 8)) * columns + Math.floor(x / 8);
    return Math.min(Math.max(patches[3 * patch + c]! + 20 * random.normal(), 0), 255);
  });
}

function planes(pixels: Uint8Array, [n, h, w]: BatchSize): Uint8Array {
  return pixels
    .map((_, i) => {
      const [at, c, picture] = [i % (h * w), Math.floor(i / h / w) % 3, Math.floor(i / h / w / 3)];
      return pixels[3 * (picture * h * w + at) + c]!;
    })
    .subarray(0, n * 3 * h * w);
}

function normalisedPixels(pixels: Uint8Array, size: BatchSize, { stats }: ModelSpec): Float32Array {
  const [, h, w] = size;
  const { scale, shift } = channelScale(stats, 255);
  return Float32Array.from(planes(pixels, size), (value, i) => {
    const c = Math.floor(i / h / w) % 3;
    return value * scale[c]! + shift[c]!;
  });
}

/** `worst`: how far a logit, or the logit of a chosen class below the best, is from where it should be. */
function checkOf(
  expected: Float32Array,
  actual: Values[string],
  [n, h, w]: BatchSize,
  { names, output }: ModelSpec,
): Omit<ExportCheck, "size"> & { readonly worst: number } {
  const [classes, pixels] = [names.length, h * w];
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  let [same, worst] = [0, 0];
  if (output.kind === "logits")
    for (const [i, value] of expected.entries()) {
      const difference = Math.abs(value - Number(actual[i])) / largest;
      // Written so that NaN counts as infinitely wrong.
      if (!(difference <= worst)) worst = Number.isNaN(difference) ? Infinity : difference;
    }
  for (let at = 0; at < n * pixels; at++) {
    const from = Math.floor(at / pixels) * classes * pixels + (at % pixels);
    const best = bestClass(expected, from, classes, pixels);
    const chosen = output.kind === "ids" ? Number(actual[at]) : bestClass(actual, from, classes, pixels);
    if (chosen === best) same++;
    else if (output.kind === "ids")
      worst = Math.max(
        worst,
        (expected[from + best * pixels]! - (expected[from + chosen * pixels] ?? -Infinity)) / largest,
      );
  }
  return { difference: output.kind === "logits" ? worst : null, agreement: same / (n * pixels), worst };
}
