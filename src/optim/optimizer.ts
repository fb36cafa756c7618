import { ShapeError } from "../util/errors.ts";

/** Flat weights, gradients or optimizer state: float32 in training, float64 where exact numbers matter. */
export type FloatArray = Float32Array | Float64Array;

/** Momentum (Adam's β₁) and the number of this step, counted from 1: the same for every tensor. */
export interface StepHyper {
  readonly mom: number;
  readonly step: number;
}

/** Learning rate and weight decay: these differ from tensor to tensor. */
export interface TensorHyper {
  readonly lr: number;
  readonly wd: number;
}

/** An update rule and the state it keeps beside the weights. `Slot` names that state: AdamW keeps "m" and "v". */
export interface Optimizer<Slot extends string = string> {
  readonly name: string;
  readonly slots: readonly Slot[];
  /** Momentum while no schedule sets another. */
  readonly mom: number;
  /**
   * Updates `params` and `state` in place. Every array is as long as `params`. A gradient that is not finite counts as 0.
   * @returns whether all of them were finite.
   */
  update(
    params: FloatArray,
    grads: FloatArray,
    state: Readonly<Record<Slot, FloatArray>>,
    hyper: StepHyper & TensorHyper,
  ): boolean;
}

/** One tensor as the optimizer sees it. `grad` is null where none flows, as in a frozen layer. */
export interface OptimizedTensor {
  readonly params: FloatArray;
  readonly grad: FloatArray | null;
  readonly state: Readonly<Record<string, FloatArray>>;
  readonly hyper: TensorHyper;
}

/** Zero-filled state for `params`, of the same element type. */
export function newState<Slot extends string>(
  optimizer: Optimizer<Slot>,
  params: FloatArray,
): Record<Slot, FloatArray> {
  const zeros = () =>
    params instanceof Float32Array ? new Float32Array(params.length) : new Float64Array(params.length);
  return Object.fromEntries(optimizer.slots.map((slot) => [slot, zeros()])) as Record<Slot, FloatArray>;
}

/** One optimizer step, in place. A tensor without a gradient keeps its weights: it is not decayed either. */
export function optimizerStep(optimizer: Optimizer, tensors: Iterable<OptimizedTensor>, step: StepHyper): void {
  for (const { params, grad, state, hyper } of tensors)
    if (grad) optimizer.update(params, grad, state, { ...step, ...hyper });
}

/** Classic L2 decay (fastai's `true_wd=False`): adds wd·p to the gradients; the step itself then takes wd = 0. */
export function addL2Gradient(grads: FloatArray, params: FloatArray, wd: number): void {
  requireLength("addL2Gradient", params, { grads });
  for (let i = 0; i < params.length; i++) grads[i]! += wd * params[i]!;
}

/** Throws a ShapeError that names the first array not as long as `params`. */
export function requireLength(where: string, params: FloatArray, others: Readonly<Record<string, FloatArray>>): void {
  for (const [name, array] of Object.entries(others))
    if (array.length !== params.length)
      throw new ShapeError(`${where}: expected ${params.length} ${name}, but received ${array.length}`);
}
