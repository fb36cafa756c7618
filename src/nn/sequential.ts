import { relu } from "../graph/ops/activation.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type ForwardContext, Layer, type Members } from "./module.ts";

/**
 * Layers one after the other, named 0, 1, 2 …
 * @example const block = new Sequential(new Conv2d(3, 8, { kernel: 3 }), new Relu());
 */
export class Sequential extends Layer {
  /** The layers, in order. */
  readonly layers: readonly Layer[];

  /** One layer after the other. */
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

/**
 * A function without parameters as a layer, for its place in a Sequential.
 * @example const layer = new Activation(hardSwish);
 */
export class Activation extends Layer {
  readonly #function: (x: Tensor) => Tensor;

  /** The function that is the layer: from a tensor to a tensor. */
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

/**
 * max(x, 0) as a layer.
 * @example const layer = new Relu();
 */
export class Relu extends Activation {
  /** A ReLU; it has no options. */
  constructor() {
    super(relu);
  }
}
