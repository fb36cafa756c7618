import { crossEntropy } from "../../src/losses/cross-entropy.ts";
import type { SegmentationModel } from "../../src/models/model.ts";
import { namedParameters } from "../../src/nn/module.ts";
import { initialState } from "../../src/nn/state.ts";
import type { LoweredProgram } from "../../src/onnx/lower.ts";
import type { LoweringTarget } from "../../src/onnx/target.ts";
import type { Runtime, Values } from "../../src/runtime/runtime.ts";
import { type BatchShape, trainingProgram } from "../../src/train/programs.ts";
import { Random } from "../../src/util/random.ts";
import { valuesOf } from "./model-programs.ts";

/** A training step in which everything trains, on random pictures. */
export class TrainingStep {
  readonly #model: SegmentationModel;
  readonly #shape: BatchShape;

  constructor(model: SegmentationModel, shape: BatchShape) {
    this.#model = model;
    this.#shape = shape;
  }

  program(target: LoweringTarget): LoweredProgram {
    const trainable = namedParameters(this.#model).map(([name]) => name);
    return trainingProgram(this.#model, crossEntropy(), this.#shape, { trainable }, target);
  }

  /** The outputs of a program of this step: always of the same weights and pictures. */
  async results(program: LoweredProgram, runtime: Runtime): Promise<Values> {
    const loaded = await runtime.load(program);
    try {
      return await loaded.run(this.#feeds());
    } finally {
      await loaded.release();
    }
  }

  #feeds(): Values {
    const random = new Random(1);
    const pixels = this.#shape.n * this.#shape.height * this.#shape.width;
    return {
      ...valuesOf(initialState(this.#model, new Random(1))),
      images: Float32Array.from({ length: 3 * pixels }, () => random.normal()),
      masks: Int32Array.from({ length: pixels }, () => random.integer(this.#model.classes)),
    };
  }
}
