import type { TensorData } from "../graph/dtype.ts";
import type { TensorType } from "../graph/tensor.ts";
import type { LoweredProgram } from "../onnx/lower.ts";
import type { Runtime, Values } from "./runtime.ts";

/** Values where programs run, which can be fed again without a copy. They hold memory until they are disposed of. */
export interface DeviceTensor extends TensorType {
  /** The program that made it. */
  readonly maker: DeviceProgram;
  /** Gives the memory back; a second time does nothing. */
  dispose(): void;
}

/** Tensors on a device by the names of a program's inputs or outputs. */
export type DeviceTensors = Readonly<Record<string, DeviceTensor>>;

/** A loaded program that leaves some of its results where it runs. */
export interface DeviceProgram {
  /**
   * Runs once: feeds arrays, which are copied to the device, and tensors that are there already. Gives back the outputs to
   * be read as arrays, the others as tensors. Throws a ShapeError when an input is missing or does not fit.
   */
  run(feeds: Values, resident: DeviceTensors): Promise<{ values: Record<string, TensorData>; kept: DeviceTensors }>;
  /** Gives the program's memory back, as soon as the last tensor that it made is disposed of. */
  release(): Promise<void>;
}

/** A runtime whose memory is not the program's own, such as a GPU: values that are needed again should stay there. */
export interface DeviceRuntime extends Runtime {
  /** Loads a program that leaves the outputs of the given names on the device. */
  loadResident(program: LoweredProgram, kept: ReadonlySet<string>): Promise<DeviceProgram>;
}

/** Whether values can stay where a runtime's programs run. */
export function isDeviceRuntime(runtime: Runtime): runtime is DeviceRuntime {
  return "loadResident" in runtime;
}
