import { rotation, squishing, symmetry, zoomSquishing, zooming } from "./affine.ts";
import { chances, constant, logUniform, noise, required, uniform, uniformInteger, uniforms } from "./distribution.ts";
import type { Parameter } from "./distribution.ts";
import { logit } from "./lighting.ts";
import { perspective, skewing, symmetricWarping, tilting } from "./perspective.ts";
import type { PlanBuilder } from "./plan.ts";
import { targetSize } from "./sizes.ts";
import type { SizeLike } from "./sizes.ts";
import type { PaddingMode } from "./view.ts";
import { Random } from "../../util/random.ts";

type Parameters = Readonly<Record<string, Parameter<never, unknown, boolean>>>;

/** The values of parameters that were drawn. */
type Drawn<P extends Parameters> = {
  readonly [N in keyof P]: P[N] extends Parameter<never, infer Value, boolean> ? Value : never;
};

/** What is given for parameters: those that are needed, and those that may be left out. */
type Given<P extends Parameters> = {
  readonly [N in keyof P as P[N]["needed"] extends true ? N : never]: GivenFor<P[N]>;
} & {
  readonly [N in keyof P as P[N]["needed"] extends true ? never : N]?: GivenFor<P[N]>;
};

type GivenFor<P> = P extends Parameter<infer Value, unknown, boolean> ? Value : never;

/** One kind of transform: when it runs, what it draws, and what it adds to the plan of a picture. */
interface Rule<P extends Parameters> {
  readonly order: number;
  readonly parameters: P;
  readonly apply: (plan: PlanBuilder, drawn: Drawn<P>) => void;
}

function rule<P extends Parameters>(order: number, parameters: P, apply: Rule<P>["apply"]): Rule<P> {
  return { order, parameters, apply };
}

/** Transforms run in the order of these numbers, those of one number in the order of the list (fastai 1.0). */
const order = { pad: -10, warp: 4, affine: 5, lighting: 8, pixel: 10, hole: 20, cropPad: 99 } as const;

const share = (fallback: number) => uniform(fallback, [0, 1]);
const positive = [1e-6, Infinity] as const;
const place = { rowPct: share(0.5), colPct: share(0.5) };
const wholeSize = (size: SizeLike) =>
  [size].flat().every((side) => Number.isInteger(side) && side > 0) ? null : "expected a size in whole pixels";
const wholePadding = (padding: number) =>
  Number.isInteger(padding) && padding >= 0 ? null : "expected a whole number of pixels";

/** Every transform there is. Its kinds, their parameters and all that follows from them have their source here. */
export const transformTable = {
  rotate: rule(order.affine, { degrees: uniform(0) }, (plan, { degrees }) => plan.affine(rotation(degrees))),
  zoom: rule(order.affine, { scale: uniform(1, positive), ...place }, (plan, { scale, rowPct, colPct }) =>
    plan.affine(zooming(scale, rowPct, colPct)),
  ),
  squish: rule(order.affine, { scale: uniform(1, positive), ...place }, (plan, { scale, rowPct, colPct }) =>
    plan.affine(squishing(scale, rowPct, colPct)),
  ),
  flipAffine: rule(order.affine, {}, (plan) => plan.affine(symmetry(1))),
  dihedralAffine: rule(order.affine, { k: uniformInteger([0, 7], [0, 7]) }, (plan, { k }) => plan.affine(symmetry(k))),
  zoomSquish: rule(
    order.warp,
    {
      scale: uniforms(8, 1, [1, Infinity]),
      squish: uniforms(8, 1, positive),
      invert: chances(8, 0.5),
      ...place,
    },
    (plan, { rowPct, colPct, ...tries }) => plan.warp(zoomSquishing(tries, rowPct, colPct, plan.aspect)),
  ),
  perspectiveWarp: rule(order.warp, { magnitude: uniforms(8, 0), invert: constant(false) }, (plan, drawn) =>
    plan.warp(perspective(drawn.magnitude, drawn.invert)),
  ),
  symmetricWarp: rule(order.warp, { magnitude: uniforms(4, 0), invert: constant(false) }, (plan, drawn) =>
    plan.warp(symmetricWarping(drawn.magnitude, drawn.invert)),
  ),
  tilt: rule(
    order.warp,
    { direction: uniformInteger([0, 3], [0, 3]), magnitude: uniform(0), invert: constant(false) },
    (plan, { direction, magnitude, invert }) => plan.warp(tilting(direction, magnitude, invert)),
  ),
  skew: rule(
    order.warp,
    { direction: uniformInteger([0, 7], [0, 7]), magnitude: uniform(0), invert: constant(false) },
    (plan, { direction, magnitude, invert }) => plan.warp(skewing(direction, magnitude, invert)),
  ),
  jitter: rule(order.warp, { magnitude: uniform(0), seed: noise() }, (plan, jitter) => plan.warp(jitter)),
  brightness: rule(order.lighting, { change: uniform(0.5, [0, 1]) }, (plan, { change }) =>
    plan.light({ contrast: 1, brightness: logit(change) }),
  ),
  contrast: rule(order.lighting, { scale: logUniform(1, positive) }, (plan, { scale }) =>
    plan.light({ contrast: scale, brightness: 0 }),
  ),
  flipLr: rule(order.pixel, {}, (plan) => plan.flipColumns()),
  dihedral: rule(order.pixel, { k: uniformInteger([0, 7], [0, 7]) }, (plan, { k }) => {
    if (k & 1) plan.flipRows();
    if (k & 2) plan.flipColumns();
    if (k & 4) plan.transpose();
  }),
  rgbRandomize: rule(
    order.pixel,
    { channel: uniformInteger([0, 2], [0, 2]), thresh: uniform([0, 0.3], [0, 1]), seed: noise() },
    (plan, { channel, thresh, seed }) => plan.noise(channel, thresh, seed),
  ),
  crop: rule(order.pixel, { size: required(wholeSize), ...place }, (plan, { size, rowPct, colPct }) =>
    plan.crop(targetSize(size), rowPct, colPct),
  ),
  pad: rule(
    order.pad,
    { padding: required(wholePadding), mode: constant<PaddingMode>("reflection") },
    (plan, { padding, mode }) => plan.pad(padding, mode),
  ),
  cutout: rule(
    order.hole,
    {
      nHoles: uniformInteger(1, [0, 1e6]),
      length: uniformInteger(40, [0, 1e6]),
      maskClass: constant<number | null>(null),
      seed: noise(),
    },
    (plan, { nHoles, length, maskClass, seed }) => cutHoles(plan, nHoles, length, maskClass, new Random(seed)),
  ),
  cropPad: rule(
    order.cropPad,
    { ...place, paddingMode: constant<PaddingMode>("reflection") },
    (plan, { rowPct, colPct, paddingMode }) => plan.cropPad(rowPct, colPct, paddingMode),
  ),
} as const;

function cutHoles(plan: PlanBuilder, count: number, length: number, maskClass: number | null, random: Random): void {
  const { height, width } = plan.seenSize;
  const around = (n: number): [number, number] => {
    const middle = random.integer(n);
    const end = (at: number) => Math.trunc(Math.min(Math.max(at, 0), n));
    return [end(middle - length / 2), end(middle + length / 2)];
  };
  for (let i = 0; i < count; i++) plan.hole(around(height), around(width), maskClass);
}

type Table = typeof transformTable;

/** The name of a transform. */
export type TransformKind = keyof Table;

/**
 * A random transform of image and mask together, as plain data: its kind, the probability `p` that it happens (1 where
 * left out), and for each parameter a fixed value or the range it is drawn from. The loaders throw a ConfigError for a
 * kind, probability or parameter that is none.
 */
export type TransformSpec<K extends TransformKind = TransformKind> = {
  readonly [P in K]: { readonly kind: P; readonly p?: number } & Given<Table[P]["parameters"]>;
}[K];

/** A transform whose parameters were drawn: what happens to one picture and its mask. Plain data. */
export type ResolvedTransform<K extends TransformKind = TransformKind> = {
  readonly [P in K]: { readonly kind: P } & Drawn<Table[P]["parameters"]>;
}[K];
