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

/** How the results of a run come out of a session. */
export interface Results {
  /** The model that is loaded for a program's. */
  loaded(model: Uint8Array): Uint8Array;
  /** Runs a session of such a model; `spare` as in `Program.run`. */
  run(
    session: InferenceSession,
    feeds: InferenceSession.FeedsType,
    outputs: LoweredProgram["outputs"],
    spare: Values,
  ): Promise<Record<string, TensorData>>;
}

/** Results as the binding returns them, in new arrays. */
export const returnedResults: Results = {
  loaded: (model) => model,
  async run(session, feeds, outputs) {
    const names = Object.keys(outputs);
    const results = await session.run(feeds, names);
    return Object.fromEntries(names.map((name) => [name, results[name]!.data as TensorData]));
  },
};

/** What a binding does in its own way. */
export interface Binding {
  readonly results: Results;
  /** Is waited for after every run. */
  readonly afterRun: () => Promise<void>;
}

/** A runtime over one binding of ONNX Runtime. */
export class OrtRuntime implements Runtime {
  readonly name: string;
  readonly target: LoweringTarget;
  readonly threads: number;
  readonly takesConstants = true;
  readonly #ort: OrtModule;
  readonly #binding: Binding;

  constructor(
    ort: OrtModule,
    name: string,
    target: LoweringTarget,
    threads: number,
    { results = returnedResults, afterRun = async () => {} }: Partial<Binding> = {},
  ) {
    this.#ort = ort;
    this.#binding = { results, afterRun };
    this.name = name;
    this.target = target;
    this.threads = threads;
  }

  async load(program: LoweredProgram): Promise<Program> {
    const session = await this.#ort.InferenceSession.create(this.#binding.results.loaded(program.model), {
      executionProviders: [this.name],
      intraOpNumThreads: this.threads,
      ...optimization(program),
      // A second run with memory patterns reserves all activations again as one block: twice the memory, no faster.
      enableMemPattern: false,
      // Errors are thrown; printed as well, they would stand in the way of the sentence that explains them.
      logSeverityLevel: 4,
    });
    return new OrtProgram(this.#ort, session, program, this.#binding);
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
  readonly #outputs: LoweredProgram["outputs"];
  readonly #binding: Binding;

  constructor(ort: OrtModule, session: InferenceSession, { inputs, outputs }: LoweredProgram, binding: Binding) {
    this.#ort = ort;
    this.#session = session;
    this.#inputs = Object.entries(inputs);
    this.#outputs = outputs;
    this.#binding = binding;
  }

  async run(feeds: Values, spare: Values = {}): Promise<Record<string, TensorData>> {
    const tensors = Object.fromEntries(
      this.#inputs.map(([name, type]): [string, OrtTensor] => [name, ortTensor(this.#ort, name, type, feeds[name])]),
    );
    const results = await this.#binding.results.run(this.#session, tensors, this.#outputs, spare);
    await this.#binding.afterRun();
    return results;
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
