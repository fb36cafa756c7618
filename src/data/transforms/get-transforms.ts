import {
  brightness,
  contrast,
  cropPad,
  dihedralAffine,
  flipLr,
  randCrop,
  randZoom,
  rotate,
  symmetricWarp,
} from "./builders.ts";
import type { TransformSpec } from "./table.ts";

/** How strong the usual transforms are; a maximum of 0 leaves a transform out. Defaults are those of fastai 1.0. */
export interface TransformOptions {
  /** Swaps left and right in every second picture; default true. */
  readonly doFlip?: boolean;
  /** With `doFlip`: all eight symmetries of a square instead; default false. */
  readonly flipVert?: boolean;
  /** Degrees; default 10. */
  readonly maxRotate?: number;
  /** Default 1.1; 1 is none. */
  readonly maxZoom?: number;
  /** Of brightness and contrast, below 1; default 0.2. */
  readonly maxLighting?: number;
  /** Of the perspective, in half widths and heights; default 0.2. */
  readonly maxWarp?: number;
  /** Probability of each warp, rotation and zoom; default 0.75. */
  readonly pAffine?: number;
  /** Probability of each change of brightness and contrast; default 0.75. */
  readonly pLighting?: number;
  /** More transforms for training. */
  readonly xtraTfms?: readonly TransformSpec[];
}

/** The transforms of training pictures and those of validation pictures. */
export type TransformPair = readonly [train: readonly TransformSpec[], valid: readonly TransformSpec[]];

/**
 * The usual transforms of photographs (fastai 1.0 `get_transforms`): random crop, flip, symmetric warp, rotation, zoom,
 * brightness and contrast for training, the crop in the middle for validation. Parameters out of range are a
 * ConfigError where the transforms are used.
 * @see fastai-spec §3.3
 * @example const [train, valid] = getTransforms({ maxRotate: 5, flipVert: false });
 */
export function getTransforms(options: TransformOptions = {}): TransformPair {
  const { doFlip = true, flipVert = false, pLighting = 0.75, xtraTfms = [] } = options;
  const { maxLighting = 0.2 } = options;
  const train: TransformSpec[] = [randCrop()];
  if (doFlip) train.push(flipVert ? dihedralAffine() : flipLr({ p: 0.5 }));
  train.push(...warps(options));
  if (maxLighting !== 0) {
    train.push(
      brightness({ change: [0.5 * (1 - maxLighting), 0.5 * (1 + maxLighting)], p: pLighting }),
      contrast({ scale: [1 - maxLighting, 1 / (1 - maxLighting)], p: pLighting }),
    );
  }
  return [[...train, ...xtraTfms], [cropPad()]];
}

function warps({ maxRotate = 10, maxZoom = 1.1, maxWarp = 0.2, pAffine: p = 0.75 }: TransformOptions): TransformSpec[] {
  const list: TransformSpec[] = [];
  if (maxWarp !== 0) list.push(symmetricWarp({ magnitude: [-maxWarp, maxWarp], p }));
  if (maxRotate !== 0) list.push(rotate({ degrees: [-maxRotate, maxRotate], p }));
  if (maxZoom > 1) list.push(randZoom({ scale: [1, maxZoom], p }));
  return list;
}
