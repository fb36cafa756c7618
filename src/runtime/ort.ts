import type {
  InferenceSession,
  InferenceSessionFactory,
  Tensor as OrtTensor,
  TensorConstructor,
} from "onnxruntime-common";
import { type DType, holds, type TensorData } from "../graph/dtype.ts";
import { showShape, sizeOf } from "../graph/shape.ts";
import type { TensorType } from "../graph/tensor.ts";
import type { LoweredProgram } from "../onnx/lower.ts";
import type { LoweringTarget } from "../onnx/target.ts";
import { ShapeError } from "../util/errors.ts";
import type { Program, Runtime, Values } from "./runtime.ts";

/** What the Node and the web package of ONNX Runtime have in common. */
export interface OrtModule {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

/** A runtime over one binding of ONNX Runtime. */
export class OrtRuntime implements Runtime {
  readonly name: string;
  readonly target: LoweringTarget;
  readonly threads: number;
  readonly takesConstants = true;
  readonly #ort: OrtModule;
  readonly #afterRun: () => Promise<void>;

  /** @param afterRun is waited for after every run; default: nothing. */
  constructor(
    ort: OrtModule,
    name: string,
    target: LoweringTarget,
    threads: number,
    afterRun: () => Promise<void> = async () => {},
  ) {
    this.#ort = ort;
    this.#afterRun = afterRun;
    this.name = name;
    this.target = target;
    this.threads = threads;
  }

  async load(program: LoweredProgram): Promise<Program> {
    const session = await this.#ort.InferenceSession.create(program.model, {
      executionProviders: [this.name],
      intraOpNumThreads: this.threads,
      ...optimization(program),
      // A second run with memory patterns reserves all activations again as one block: twice the memory, no faster.
      enableMemPattern: false,
      // Errors are thrown; printed as well, they would stand in the way of the sentence that explains them.
      logSeverityLevel: 4,
    });
    return new OrtProgram(this.#ort, session, program, this.#afterRun);
  }
}

/**
 * A graph arrives simplified and fused; where weights are inputs, ORT's own passes take seconds and find nothing. Those
 * that are constants it brings into other layouts, and multiplies out what depends on nothing else.
 */
function optimization({ constants }: LoweredProgram): InferenceSession.SessionOptions {
  if (!constants) return { graphOptimizationLevel: "disabled" };
  return {
    graphOptimizationLevel: constants.layout === "blocked" ? "all" : "extended",
    // Such programs work block by block: the few megabytes of a block are as fast without an arena, which grows by doubling.
    enableCpuMemArena: false,
    externalData: Object.entries(constants.files).map(([path, data]) => ({ path, data })),
  };
}

class OrtProgram implements Program {
  readonly #ort: OrtModule;
  readonly #session: InferenceSession;
  readonly #inputs: [name: string, type: TensorType][];
  readonly #outputs: string[];
  readonly #afterRun: () => Promise<void>;

  constructor(
    ort: OrtModule,
    session: InferenceSession,
    { inputs, outputs }: LoweredProgram,
    afterRun: () => Promise<void>,
  ) {
    this.#afterRun = afterRun;
    this.#ort = ort;
    this.#session = session;
    this.#inputs = Object.entries(inputs);
    this.#outputs = Object.keys(outputs);
  }

  async run(feeds: Values): Promise<Record<string, TensorData>> {
    const tensors = Object.fromEntries(
      this.#inputs.map(([name, type]): [string, OrtTensor] => [name, ortTensor(this.#ort, name, type, feeds[name])]),
    );
    const results = await this.#session.run(tensors, this.#outputs);
    await this.#afterRun();
    return Object.fromEntries(this.#outputs.map((name) => [name, results[name]!.data as TensorData]));
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

/** Values as ONNX Runtime takes them, not copied. Throws a ShapeError where they do not fit the input of that name. */
export function ortTensor(
  ort: OrtModule,
  name: string,
  { shape, dtype }: TensorType,
  data: TensorData | undefined,
): OrtTensor {
  const length = sizeOf(shape);
  if (data?.length !== length)
    throw new ShapeError(
      `run: expected ${length} values for input ${name} ${showShape(shape)}, but received ${data?.length ?? "none"}`,
    );
  if (!holds(dtype, data))
    throw new ShapeError(
      `run: expected an array that holds ${dtype} for input ${name}, but received ${data.constructor.name}`,
    );
  return new ort.Tensor(dtype satisfies DType, data as Float32Array, shape);
}
