import type { InferenceSession } from "onnxruntime-common";
import { allocate, type TensorData } from "../graph/dtype.ts";
import { mul } from "../graph/ops/elementwise.ts";
import { sizeOf } from "../graph/shape.ts";
import { input, type TensorType } from "../graph/tensor.ts";
import { lower } from "../onnx/lower.ts";
import { encodeBefore } from "../onnx/schema.ts";
import { cpuTarget } from "../onnx/target.ts";
import { messageOf } from "../util/errors.ts";
import { type OrtModule, ortTensor, type Results } from "./ort.ts";
import type { Values } from "./runtime.ts";

/** No value of a lowered graph is called so. */
const stop = "%stop";

const stopFirst = encodeBefore({
  node: [{ name: stop, opType: "SequenceEmpty", input: [], output: [stop], attribute: [] }],
  output: [{ name: stop }],
});

/**
 * Results that ONNX Runtime writes into arrays of ours and its binding for Node does not copy.
 *
 * The binding (1.30, as measured) has kernels write into the arrays that a run is given for its outputs, then copies each
 * into a new array and returns those. For the 165 MB of gradients of a ResNet-34 U-Net that takes longer than the optimizer.
 * It goes through the outputs in order and throws at one it cannot give to JavaScript, such as a sequence: where the first
 * output is one, all others are where they are wanted when it throws, and none is copied. Undefined where the binding at
 * hand does otherwise.
 */
export async function uncopiedResults(ort: OrtModule): Promise<Results | undefined> {
  const x = input("x", [1]);
  const { model } = lower({ inputs: { x }, outputs: { y: mul(x, 2) } }, cpuTarget);
  const session = await ort.InferenceSession.create(withStop(model), { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const number = (value: number): InferenceSession.OnnxValueMapType[string] =>
    new ort.Tensor("float32", Float32Array.of(value), [1]);
  const y = number(0);
  try {
    await session.run({ x: number(1) }, { [stop]: null, y });
    return undefined;
  } catch (error) {
    return Number(y.data[0]) === 2 ? new UncopiedResults(ort, messageOf(error)) : undefined;
  } finally {
    await session.release();
  }
}

class UncopiedResults implements Results {
  readonly #ort: OrtModule;
  readonly #stopped: string;

  /** @param stopped what the binding says at a sequence. */
  constructor(ort: OrtModule, stopped: string) {
    this.#ort = ort;
    this.#stopped = stopped;
  }

  readonly loaded = withStop;

  async run(
    session: InferenceSession,
    feeds: InferenceSession.FeedsType,
    outputs: Readonly<Record<string, TensorType>>,
    spare: Values,
  ): Promise<Record<string, TensorData>> {
    const arrays = Object.fromEntries(
      Object.entries(outputs).map(([name, type]) => [name, spare[name] ?? allocate(type.dtype, sizeOf(type.shape))]),
    );
    const fetches = Object.entries(outputs).map(([name, type]) => [
      name,
      ortTensor(this.#ort, name, type, arrays[name]),
    ]);
    try {
      await session.run(feeds, { [stop]: null, ...Object.fromEntries(fetches) });
    } catch (error) {
      if (messageOf(error) !== this.#stopped) throw error;
    }
    return arrays;
  }
}

function withStop(model: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(stopFirst.length + model.length);
  bytes.set(stopFirst);
  bytes.set(model, stopFirst.length);
  return bytes;
}
