import { ConfigError, DataError } from "../util/errors.ts";
import { median } from "../util/median.ts";

/** How often each class occurs in the training masks; pixels without a label are not among them. */
export interface ClassFrequencies {
  /** Pixels of each class. */
  readonly pixels: readonly number[];
  /** For each class, all labelled pixels of the pictures it occurs in. */
  readonly around: readonly number[];
}

/** How weights follow from frequencies, by name; each gives the weight of a class that occurs. */
export const classWeightMethods = {
  /**
   * median(f) / f, f being the share of a class in the pictures it occurs in (Eigen and Fergus 2015, as SegNet does on
   * CamVid).
   */
  "median-frequency": ({ pixels, around }: ClassFrequencies): ((c: number) => number) => {
    const share = (c: number): number => pixels[c]! / around[c]!;
    const shares = [...pixels.keys()].filter((c) => pixels[c]! > 0).map(share);
    const middle = median(shares);
    return (c) => middle / share(c);
  },
  /** All pixels / (classes · pixels of the class): every class counts alike in all (scikit-learn's "balanced"). */
  inverse: ({ pixels }: ClassFrequencies): ((c: number) => number) => {
    const present = pixels.filter((n) => n > 0).length;
    return (c) => total(pixels) / (present * pixels[c]!);
  },
  /**
   * (1 − β) / (1 − β^n) for n pixels, scaled to a mean of 1 (Cui et al. 2019). β is (N − 1) / N for N pixels in all
   * unless it is given: smaller ones, such as 0.9999, tell only rare classes apart.
   */
  "effective-number": ({ pixels }: ClassFrequencies, beta?: number): ((c: number) => number) => {
    const rate = beta === undefined ? Math.log1p(-1 / total(pixels)) : Math.log(beta);
    // 1 − β^n without losing the small difference; the numerator is common and cancels out.
    const weight = (c: number): number => -1 / Math.expm1(pixels[c]! * rate);
    const present = [...pixels.keys()].filter((c) => pixels[c]! > 0);
    const mean = total(present.map(weight)) / present.length;
    return (c) => weight(c) / mean;
  },
} as const;

export type ClassWeightMethod = keyof typeof classWeightMethods;

export interface ClassWeightOptions {
  /** Default "median-frequency". */
  readonly method?: ClassWeightMethod;
  /** β of "effective-number", in (0, 1). */
  readonly beta?: number;
  /** No weight is larger; by default the rarest class has what the method gives it. */
  readonly limit?: number;
}

/**
 * A weight for each class, for the `weight` of a loss. Classes without a pixel, such as void where it was not counted,
 * get 0. Throws a ConfigError for options out of range, a DataError when no pixel is labelled.
 * @example const weight = weightsFrom(await countClasses(dataset), { method: "effective-number", limit: 10 });
 */
export function weightsFrom(frequencies: ClassFrequencies, options: ClassWeightOptions = {}): number[] {
  const { method = "median-frequency", beta, limit = Infinity } = options;
  if (!Object.hasOwn(classWeightMethods, method))
    throw new ConfigError(`class weights: expected a known method, but received "${method}"`, {
      hint: `Known methods: ${Object.keys(classWeightMethods).join(", ")}.`,
    });
  if (beta !== undefined && !(beta > 0 && beta < 1))
    throw new ConfigError(`class weights: beta: expected a number between 0 and 1, but received ${beta}`);
  if (!(limit > 0)) throw new ConfigError(`class weights: limit: expected a number above 0, but received ${limit}`);
  const { pixels } = frequencies;
  if (total(pixels) === 0)
    throw new DataError("class weights: no pixel of the training masks is labelled", {
      hint: "Check the masks and the class that stands for void.",
    });
  const weightOf = classWeightMethods[method](frequencies, beta);
  return pixels.map((n, c) => (n > 0 ? Math.min(weightOf(c), limit) : 0));
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
