import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-common";
import type { DType, TensorData } from "../graph/dtype.ts";
import type { Shape } from "../graph/shape.ts";
import type { LoweredProgram } from "../onnx/lower.ts";
import type { LoweringTarget } from "../onnx/target.ts";
import type { DeviceProgram, DeviceRuntime, DeviceTensor, DeviceTensors } from "./device.ts";
import { type OrtModule, ortTensor } from "./ort.ts";
import type { Program, Values } from "./runtime.ts";

/** How a device of ONNX Runtime is opened. */
export interface OrtDeviceOptions {
  readonly name: string;
  readonly target: LoweringTarget;
  readonly provider: InferenceSession.ExecutionProviderConfig;
  /** Where outputs stay that are kept: "cpu" is for tests without a device. */
  readonly location: "gpu-buffer" | "cpu";
}

/** A device over one binding of ONNX Runtime. An operator that it lacks is an error, never left to the CPU. */
export class OrtDeviceRuntime implements DeviceRuntime {
  readonly name: string;
  readonly target: LoweringTarget;
  readonly threads = 1;
  readonly #ort: OrtModule;
  readonly #options: OrtDeviceOptions;

  constructor(ort: OrtModule, options: OrtDeviceOptions) {
    this.#ort = ort;
    this.name = options.name;
    this.target = options.target;
    this.#options = options;
  }

  async load(program: LoweredProgram): Promise<Program> {
    const loaded = await this.loadResident(program, new Set());
    return {
      run: async (feeds) => (await loaded.run(feeds, {})).values,
      release: () => loaded.release(),
    };
  }

  async loadResident(program: LoweredProgram, kept: ReadonlySet<string>): Promise<DeviceProgram> {
    const { provider, location } = this.#options;
    const places = Object.keys(program.outputs).map((name) => [name, kept.has(name) ? location : "cpu"] as const);
    const session = await this.#ort.InferenceSession.create(program.model, {
      executionProviders: [provider],
      graphOptimizationLevel: "disabled",
      enableMemPattern: false,
      logSeverityLevel: 4,
      ...(location !== "cpu" && {
        preferredOutputLocation: Object.fromEntries(places),
        extra: { session: { disable_cpu_ep_fallback: "1" } },
      }),
    });
    return new OrtDeviceProgram(this.#ort, session, program, kept);
  }
}

class OrtDeviceProgram implements DeviceProgram {
  readonly #ort: OrtModule;
  readonly #session: InferenceSession;
  readonly #spec: LoweredProgram;
  readonly #kept: ReadonlySet<string>;
  #living = 0;
  #released = false;

  constructor(ort: OrtModule, session: InferenceSession, spec: LoweredProgram, kept: ReadonlySet<string>) {
    this.#ort = ort;
    this.#session = session;
    this.#spec = spec;
    this.#kept = kept;
  }

  async run(feeds: Values, resident: DeviceTensors) {
    const inputs = Object.entries(this.#spec.inputs).map(([name, type]): [string, OrtTensor] => {
      const tensor = resident[name];
      return [name, tensor ? (tensor as OrtDeviceTensor).tensor : ortTensor(this.#ort, name, type, feeds[name])];
    });
    const results = await this.#session.run(Object.fromEntries(inputs));
    const values: Record<string, TensorData> = {};
    const kept: Record<string, DeviceTensor> = {};
    for (const [name, { shape, dtype }] of Object.entries(this.#spec.outputs))
      if (this.#kept.has(name)) kept[name] = this.#keep(results[name]!, shape, dtype);
      else values[name] = results[name]!.data as TensorData;
    return { values, kept };
  }

  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await this.#releaseUnused();
  }

  #keep(tensor: OrtTensor, shape: Shape, dtype: DType): DeviceTensor {
    this.#living++;
    return new OrtDeviceTensor(this, tensor, shape, dtype, () => {
      this.#living--;
      void this.#releaseUnused();
    });
  }

  // A tensor that is disposed of after its session ends the process.
  async #releaseUnused(): Promise<void> {
    if (this.#released && this.#living === 0) await this.#session.release();
  }
}

class OrtDeviceTensor implements DeviceTensor {
  readonly maker: DeviceProgram;
  readonly tensor: OrtTensor;
  readonly shape: Shape;
  readonly dtype: DType;
  #onDispose: (() => void) | undefined;

  constructor(maker: DeviceProgram, tensor: OrtTensor, shape: Shape, dtype: DType, onDispose: () => void) {
    this.maker = maker;
    this.tensor = tensor;
    this.shape = shape;
    this.dtype = dtype;
    this.#onDispose = onDispose;
  }

  dispose(): void {
    const told = this.#onDispose;
    if (!told) return;
    this.#onDispose = undefined;
    this.tensor.dispose();
    told();
  }
}
