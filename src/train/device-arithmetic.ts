import type { Shape } from "../graph/shape.ts";
import { add, mul, sqrt, sub } from "../graph/ops/elementwise.ts";
import { concat, reshape } from "../graph/ops/movement.ts";
import { sum } from "../graph/ops/reduce.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { lower, type ProgramGraph } from "../onnx/lower.ts";
import type { DeviceProgram, DeviceRuntime } from "../runtime/device.ts";
import type { DeviceMap } from "./device-copies.ts";

/** What becomes of each tensor by itself, with one number for all of them. */
interface Pass {
  /** Whether it reads a tensor of before. */
  readonly past: boolean;
  readonly next: (value: Tensor, past: Tensor, number: Tensor) => Tensor;
}

const passes = {
  /** The first of a weighted sum. */
  weigh: { past: false, next: (value, _, weight) => mul(value, weight) },
  /** Past + weight · value. */
  addWeighted: { past: true, next: (value, past, weight) => add(past, mul(value, weight)) },
  /** Decay · past + (1 − decay) · value. */
  average: { past: true, next: (value, past, decay) => add(mul(past, decay), mul(value, sub(1, decay))) },
} satisfies Record<string, Pass>;

/** The arithmetic of `optim/gradients.ts` on tensors of a device. Its programs are kept until `forget`. */
export class DeviceArithmetic {
  readonly #runtime: DeviceRuntime;
  readonly #programs = new Map<string, DeviceProgram>();

  constructor(runtime: DeviceRuntime) {
    this.#runtime = runtime;
  }

  /** New tensors: a pass over the values, each beside the past one of its name. */
  async pass(kind: keyof typeof passes, values: DeviceMap, past: DeviceMap, number: number): Promise<DeviceMap> {
    const names = [...values.keys()];
    const program = await this.#program(kind, values, () => passGraph(passes[kind], values));
    const pasts = passes[kind].past ? names.map((name) => past.get(name)!) : [];
    const resident = { ...numbered("value", values.values()), ...numbered("past", pasts) };
    const { kept } = await program.run({ number: Float32Array.of(number) }, resident);
    return new Map(names.map((name, i) => [name, kept[`next${i}`]!]));
  }

  /** The length of all tensors as one vector; not finite where one of them is not. */
  async norm(tensors: DeviceMap): Promise<number> {
    const program = await this.#program("norm", tensors, () => normGraph(tensors));
    const { values } = await program.run({}, numbered("value", tensors.values()));
    return Number(values.norm![0]);
  }

  /** Gives the memory of all programs back. */
  async forget(): Promise<void> {
    for (const program of this.#programs.values()) await program.release();
    this.#programs.clear();
  }

  async #program(kind: string, tensors: DeviceMap, graph: () => ProgramGraph): Promise<DeviceProgram> {
    const key = [kind, ...tensors.keys()].join("\n");
    const known = this.#programs.get(key);
    if (known) return known;
    const program = lower(graph(), this.#runtime.target);
    const kept = Object.keys(program.outputs).filter((name) => name.startsWith("next"));
    const loaded = await this.#runtime.loadResident(program, new Set(kept));
    this.#programs.set(key, loaded);
    return loaded;
  }
}

function passGraph({ past, next }: Pass, tensors: DeviceMap): ProgramGraph {
  const number = input("number", []);
  const shapes = [...tensors.values()].map(({ shape }) => shape);
  const values = shapes.map((shape) => input("value", shape));
  const pasts = shapes.map((shape) => input("past", shape));
  return {
    inputs: { number, ...numbered("value", values), ...numbered("past", past ? pasts : []) },
    outputs: numbered(
      "next",
      values.map((value, i) => next(value, pasts[i]!, number)),
    ),
  };
}

function normGraph(tensors: DeviceMap): ProgramGraph {
  const values = [...tensors.values()].map(({ shape }) => input("value", shape));
  const parts = values.map((x) => sumOfSquares(x, x.shape));
  const total = sqrt(sum(concat(parts, 0)));
  return { inputs: numbered("value", values), outputs: { norm: total } };
}

/** The sum of squares in parts, [rows]: one sum over everything would keep a single group of the device's threads busy. */
function sumOfSquares(x: Tensor, [rows = 1]: Shape): Tensor {
  const matrix = reshape(x, [rows, x.size / rows]);
  return sum(mul(matrix, matrix), [1]);
}

function numbered<T>(prefix: string, values: Iterable<T>): Record<string, T> {
  return Object.fromEntries([...values].map((value, i) => [`${prefix}${i}`, value]));
}
