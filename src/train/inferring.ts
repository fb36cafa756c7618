import type { DataBunch } from "../data/databunch.ts";
import type { Loss } from "../losses/loss.ts";
import type { SegmentationModel } from "../models/model.ts";
import type { LoweredProgram } from "../onnx/lower.ts";
import type { Engine } from "./engine.ts";
import type { Host } from "./host.ts";

/** What looking at a model's predictions takes: the part of a Learner that does not train. */
export interface Inferring {
  readonly data: DataBunch;
  readonly model: SegmentationModel;
  readonly engine: Engine;
  readonly loss: Loss;
  /** Where pictures are written, if anywhere. */
  readonly host: Host | undefined;
  /** The engine's name of a program, which is made where there is none of that name yet. */
  program(name: string, make: () => LoweredProgram): Promise<string>;
}
