import type { Shape } from "../graph/shape.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { Init } from "./init.ts";

/** What a parameter is to the optimizer: weight decay may spare biases and normalisation. */
export type ParameterRole = "weight" | "bias" | "norm";

/** A trainable leaf of the graph. Its values live in a StateDict, under the name its module gives it. */
export class Parameter {
  readonly tensor: Tensor;
  readonly role: ParameterRole;
  readonly init: Init;

  constructor(shape: Shape, role: ParameterRole, init: Init) {
    this.tensor = input(role, shape);
    this.role = role;
    this.init = init;
  }

  get shape(): Shape {
    return this.tensor.shape;
  }
}

/** A leaf that training carries along but no gradient moves, such as running statistics. */
export class Buffer {
  readonly tensor: Tensor;
  readonly init: Init;

  constructor(shape: Shape, init: Init) {
    this.tensor = input("buffer", shape);
    this.init = init;
  }

  get shape(): Shape {
    return this.tensor.shape;
  }
}
