import type { Tensor } from "../graph/tensor.ts";

/** A float32 scalar to minimise, from logits [N, C, H, W] and the class ids of the pixels, int32 [N, H, W]. */
export type Loss = (logits: Tensor, target: Tensor) => Tensor;
