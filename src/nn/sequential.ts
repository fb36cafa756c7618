import { relu } from "../graph/ops/activation.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type ForwardContext, Layer, type Members } from "./module.ts";

/** Layers one after the other, named 0, 1, 2 … */
export class Sequential extends Layer {
  readonly layers: readonly Layer[];

  constructor(...layers: readonly Layer[]) {
    super();
    this.layers = layers;
  }

  override members(): Members {
    return Object.fromEntries(this.layers.entries());
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    return this.layers.reduce((y, layer) => layer.forward(y, context), x);
  }
}

/** A function without parameters as a layer, for its place in a Sequential. */
export class Activation extends Layer {
  readonly #function: (x: Tensor) => Tensor;

  constructor(f: (x: Tensor) => Tensor) {
    super();
    this.#function = f;
  }

  override members(): Members {
    return {};
  }

  override forward(x: Tensor): Tensor {
    return this.#function(x);
  }
}

/** max(x, 0) as a layer. */
export class Relu extends Activation {
  constructor() {
    super(relu);
  }
}
