import { sameShape, type Shape, showShape } from "../graph/shape.ts";
import { namedLeaves } from "../nn/module.ts";
import type { StoredTensor } from "../nn/safetensors.ts";
import type { StateDict, StateTensor } from "../nn/state.ts";
import { ConfigError } from "../util/errors.ts";
import { foldChannels } from "./fold-channels.ts";
import type { SegmentationModel } from "./model.ts";

/** How a file's weights fit a model. */
export interface WeightsReport {
  /** Whether the file is of a whole model or of an encoder alone. */
  readonly part: "model" | "encoder";
  /** Whose names it uses: "torchvision", "timm", "segkit's and fastai's" … */
  readonly names: string;
  /** Tensors taken from the file, of all that the part has. */
  readonly loaded: number;
  /** All tensors that the part has. */
  readonly expected: number;
  /** Tensors of the part that the file lacks: they keep the values they were drawn with. Names in the file's scheme. */
  readonly missing: readonly string[];
  /** Tensors of the file that the model has no use for. */
  readonly unexpected: readonly string[];
  /** Tensors of another shape than the model's: they keep the values they were drawn with. */
  readonly mismatched: readonly Mismatch[];
}

/** A tensor of another shape than the model's. */
export interface Mismatch {
  readonly name: string;
  readonly expected: Shape;
  readonly received: Shape;
}

/** A leaf of the model, by its own full name and by the one that a file may have it under. */
interface Wanted {
  readonly full: string;
  readonly name: string;
  readonly shape: Shape;
  /** Whether it is the encoder's first weight, which fits pictures of other channels too. */
  readonly first: boolean;
  readonly inEncoder: boolean;
}

interface Scheme extends Pick<WeightsReport, "part" | "names"> {
  readonly wanted: readonly Wanted[];
}

/**
 * The tensors of a file that a model can begin with, by the model's names: those of a whole model, also of one with
 * other classes, or those of its encoder, as torchvision and others publish them. The file's names decide which.
 * @throws ConfigError when nothing in the file fits, or when it is of another encoder.
 * @example
 * const { state, report } = matchWeights(learner.model, await readTensors("resnet34.pth"));
 * await learner.loadStateDict(new Map([...(await learner.stateDict()), ...state]));
 */
export function matchWeights(
  model: SegmentationModel,
  tensors: ReadonlyMap<string, StoredTensor>,
): { state: StateDict; report: WeightsReport } {
  const results = schemesOf(model).map((scheme) => matchScheme(scheme, tensors));
  const best = results.reduce((a, b) => (b.report.loaded > a.report.loaded ? b : a));
  const { report, foreign } = best;
  if (report.loaded === 0) throw nothingFits(results, [...tensors.keys()]);
  if (foreign.length > 0)
    throw new ConfigError(
      `weights: the file is of another encoder: ${some(foreign.map(({ name, expected, received }) => `${name} is ${showShape(received)}, expected ${showShape(expected)}`))}`,
      { hint: "Choose the encoder that the weights were trained with." },
    );
  return { state: best.state, report };
}

function nothingFits(results: readonly Match[], names: readonly string[]): ConfigError {
  const wanted = [...new Set(results.map((result) => result.wanted[0]!.name))];
  return new ConfigError(
    `weights: none of the file's ${names.length} tensors fits the model: expected names like ${wanted.join(" or ")}, but found ${some(names) || "none"}`,
    { hint: "Give weights of the chosen encoder, or of a whole U-Net over it." },
  );
}

/**
 * A report in one line: "encoder, torchvision's names: 122 of 122 tensors; not used: fc.weight, fc.bias".
 * @example
 * const learner = await unetLearner(data, "resnet34", {
 *   pretrained: true,
 *   onPretrained: (report) => console.log(describeWeights(report)),
 * });
 */
export function describeWeights({ part, names, ...report }: WeightsReport): string {
  const { loaded, expected, missing, unexpected, mismatched } = report;
  const parts = [
    `${part}, names of ${names}: ${loaded} of ${expected} tensors`,
    ...(missing.length > 0 ? [`missing: ${some(missing)}`] : []),
    ...(mismatched.length > 0 ? [`of another shape: ${some(mismatched.map(({ name }) => name))}`] : []),
    ...(unexpected.length > 0 ? [`not used: ${some(unexpected)}`] : []),
  ];
  return parts.join("; ");
}

function schemesOf(model: SegmentationModel): Scheme[] {
  const fullNames = new Map(namedLeaves(model).map(([name, leaf]) => [leaf, name]));
  const inEncoder = new Map(namedLeaves(model.encoder).map(([name, leaf]) => [leaf, name]));
  const wanted = (leaf: Parameters<typeof fullNames.get>[0], name: string): Wanted => ({
    ...{ full: fullNames.get(leaf)!, name, shape: leaf.shape },
    ...{ first: inEncoder.get(leaf) === model.encoder.firstWeight, inEncoder: inEncoder.has(leaf) },
  });
  return [
    ...model.published.map(({ source, rename }): Scheme => ({
      ...{ part: "model", names: source },
      wanted: [...fullNames].map(([leaf, name]) => wanted(leaf, rename(name))),
    })),
    ...model.encoder.published.map(({ source, rename }): Scheme => ({
      ...{ part: "encoder", names: source },
      wanted: [...inEncoder].map(([leaf, name]) => wanted(leaf, rename(name))),
    })),
  ];
}

interface Match extends Scheme {
  readonly state: StateDict;
  readonly report: WeightsReport;
  /** What is of another shape inside the encoder, whose shapes no option changes. */
  readonly foreign: readonly Mismatch[];
}

function matchScheme(scheme: Scheme, tensors: ReadonlyMap<string, StoredTensor>): Match {
  const state: StateDict = new Map();
  const missing: string[] = [];
  const mismatched: Mismatch[] = [];
  const foreign: Mismatch[] = [];
  for (const { full, name, shape, first, inEncoder } of scheme.wanted) {
    const found = tensors.get(name);
    const fitted = found && fit(found, shape, first);
    if (fitted) state.set(full, fitted);
    else if (!found) missing.push(name);
    else {
      mismatched.push({ name, expected: shape, received: found.shape });
      if (inEncoder) foreign.push(mismatched.at(-1)!);
    }
  }
  const { part, names, wanted } = scheme;
  const known = new Set(wanted.map(({ name }) => name));
  const unexpected = [...tensors.keys()].filter((name) => !known.has(name) && !name.endsWith("num_batches_tracked"));
  const report = { part, names, loaded: state.size, expected: wanted.length, missing, unexpected, mismatched };
  return { ...scheme, state, report, foreign };
}

/** A file's tensor as a leaf of this shape holds it; null where it does not fit. */
function fit(found: StoredTensor, shape: Shape, first: boolean): StateTensor | null {
  if (found.dtype !== "F32" && found.dtype !== "F64") return null;
  const data = found.dtype === "F32" ? found.data : Float32Array.from(found.data);
  const tensor: StateTensor = { dtype: "F32", shape: found.shape, data };
  if (sameShape(found.shape, shape)) return tensor;
  return first ? foldChannels(tensor, shape) : null;
}

const shown = 4;

function some(names: readonly string[]): string {
  return names.length > shown
    ? `${names.slice(0, shown).join(", ")} and ${names.length - shown} more`
    : names.join(", ");
}
