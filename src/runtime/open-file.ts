import type { InferenceSession } from "onnxruntime-common";
import type { TensorData } from "../graph/dtype.ts";
import type { Shape } from "../graph/shape.ts";
import { CorruptFileError, messageOf } from "../util/errors.ts";
import { isOutOfMemory } from "../util/out-of-memory.ts";
import type { OrtModule } from "./ort.ts";

/** Values with their shape, row-major. */
export interface ShapedValues {
  /** As many numbers as the product of the shape. */
  readonly data: Float32Array | Uint8Array;
  /** Sizes of the axes, outermost first. */
  readonly shape: Shape;
}

/** An ONNX file that is ready to run, at any size it takes. It holds memory until it is released. */
export interface FileSession {
  /** What runs it: "cpu", "wasm" or "webgpu". */
  readonly backend: string;
  /** Threads that one operator may use. */
  readonly threads: number;
  run(input: string, values: ShapedValues, output: string): Promise<ShapedValues>;
  release(): Promise<void>;
}

/** Where a file runs. */
export interface FileBackend {
  readonly ort: OrtModule;
  readonly backend: string;
  readonly threads: number;
}

/** Loads an ONNX file. Throws a CorruptFileError for one that ONNX Runtime refuses. */
export async function openFile(model: Uint8Array, { ort, backend, threads }: FileBackend): Promise<FileSession> {
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(model, {
      executionProviders: [backend === "webgpu" ? { name: backend, preferredLayout: "NCHW" } : backend],
      ...{ intraOpNumThreads: threads, graphOptimizationLevel: "all", enableMemPattern: false, logSeverityLevel: 4 },
    });
  } catch (error) {
    throw cannot("be loaded", error);
  }
  return {
    ...{ backend, threads },
    run: async (input, { data, shape }, output) => {
      const dtype = data instanceof Float32Array ? "float32" : "uint8";
      const feeds = { [input]: new ort.Tensor(dtype, data as Float32Array, shape) };
      const results = await session.run(feeds, [output]).catch((error: unknown) => {
        throw isOutOfMemory(error) ? error : cannot(`run on [${shape.join(", ")}]`, error);
      });
      const { data: values, dims } = results[output]!;
      return { data: values as TensorData as Float32Array | Uint8Array, shape: dims };
    },
    release: () => session.release(),
  };
}

function cannot(what: string, error: unknown): CorruptFileError {
  return new CorruptFileError(`model: it cannot ${what}: ${messageOf(error).split("\n")[0]}`, {
    hint: "Export it again, or use another backend.",
    cause: error,
  });
}
