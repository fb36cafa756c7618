import type { Shape } from "../graph/shape.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { lower } from "../onnx/lower.ts";
import type { DeviceProgram, DeviceRuntime, DeviceTensor } from "../runtime/device.ts";

/** Float32 values of the computer's own memory. */
export interface HostTensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Tensors on a device by name. */
export type DeviceMap = ReadonlyMap<string, DeviceTensor>;

/** Gives the memory of all tensors back. */
export function disposeAll(tensors: DeviceMap): void {
  for (const tensor of tensors.values()) tensor.dispose();
}

/** Puts values on the device. */
export async function upload(
  runtime: DeviceRuntime,
  tensors: ReadonlyMap<string, HostTensor>,
): Promise<Map<string, DeviceTensor>> {
  if (tensors.size === 0) return new Map();
  const program = await loadCopies(runtime, tensors, true);
  const feeds = numbered(tensors, ({ data }) => data);
  const { kept } = await program.run(feeds, {});
  await program.release();
  return renamed(tensors, kept);
}

/** Copies of tensors, on the device too. */
export async function duplicate(runtime: DeviceRuntime, tensors: DeviceMap): Promise<Map<string, DeviceTensor>> {
  if (tensors.size === 0) return new Map();
  const program = await loadCopies(runtime, tensors, true);
  const { kept } = await program.run(
    {},
    numbered(tensors, (tensor) => tensor),
  );
  await program.release();
  return renamed(tensors, kept);
}

/** Copies of float32 tensors in the computer's own memory. */
export async function download(
  runtime: DeviceRuntime,
  tensors: DeviceMap,
): Promise<Map<string, Float32Array<ArrayBuffer>>> {
  if (tensors.size === 0) return new Map();
  const program = await loadCopies(runtime, tensors, false);
  const { values } = await program.run(
    {},
    numbered(tensors, (tensor) => tensor),
  );
  await program.release();
  return renamed(tensors, values as Record<string, Float32Array<ArrayBuffer>>);
}

/** A program that gives out what it is fed. A tensor's own way to read itself ends the process in Node. */
function loadCopies(
  runtime: DeviceRuntime,
  tensors: ReadonlyMap<string, { readonly shape: Shape }>,
  kept: boolean,
): Promise<DeviceProgram> {
  const inputs = numbered(tensors, ({ shape }): Tensor => input("copied", shape));
  const outputs = Object.fromEntries(Object.entries(inputs).map(([i, tensor]) => [`copy${i}`, tensor]));
  const program = lower({ inputs, outputs }, runtime.target);
  return runtime.loadResident(program, new Set(kept ? Object.keys(outputs) : []));
}

function numbered<From, To>(tensors: ReadonlyMap<string, From>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries([...tensors.values()].map((tensor, i) => [String(i), map(tensor)]));
}

function renamed<T>(tensors: ReadonlyMap<string, unknown>, copies: Readonly<Record<string, T>>): Map<string, T> {
  return new Map([...tensors.keys()].map((name, i) => [name, copies[`copy${i}`]!]));
}
