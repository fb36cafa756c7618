import type { Shape } from "../graph/shape.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { Init } from "./init.ts";

/** What a parameter is to the optimizer: weight decay may spare biases and normalisation. */
export type ParameterRole = "weight" | "bias" | "norm";

/** A trainable leaf of the graph. Its values live in a StateDict, under the name its module gives it. */
export class Parameter {
  /** The graph input that stands for its values. */
  readonly tensor: Tensor;
  /** What it is to weight decay. */
  readonly role: ParameterRole;
  /** Draws its first values. */
  readonly init: Init;

  /** A parameter of a shape, its role for weight decay, and what draws its first values. */
  constructor(shape: Shape, role: ParameterRole, init: Init) {
    this.tensor = input(role, shape);
    this.role = role;
    this.init = init;
  }

  /** Sizes of its axes. */
  get shape(): Shape {
    return this.tensor.shape;
  }
}

/** A leaf that training carries along but no gradient moves, such as running statistics. */
export class Buffer {
  /** The graph input that stands for its values. */
  readonly tensor: Tensor;
  /** Draws its first values. */
  readonly init: Init;

  /** A buffer of a shape, and what draws its first values. */
  constructor(shape: Shape, init: Init) {
    this.tensor = input("buffer", shape);
    this.init = init;
  }

  /** Sizes of its axes. */
  get shape(): Shape {
    return this.tensor.shape;
  }
}
