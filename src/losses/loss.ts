import type { Tensor } from "../graph/tensor.ts";

/**
 * A float32 scalar to minimise, from logits [N, C, H, W] and the class ids of the pixels, int32 [N, H, W]. A pixel whose
 * id is no class never counts; where none counts, loss and gradient are 0.
 */
export interface Loss {
  (logits: Tensor, target: Tensor): Tensor;
  /** How much a pixel counts in the loss where that is a mean over pixels: all alike where left out. */
  readonly counts?: LossOptions;
}

/** What every loss can be told. */
export interface LossOptions {
  /** How much each class counts, one number of at least 0 for each; by default all count alike. */
  readonly weight?: readonly number[] | undefined;
  /** A class id whose pixels do not count, such as that of void. */
  readonly ignoreIndex?: number | undefined;
}
