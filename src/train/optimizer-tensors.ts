import { z } from "zod";
import type { StoredTensor } from "../nn/safetensors.ts";
import type { StateDict } from "../nn/state.ts";
import type { OptimizerState } from "./engine.ts";

/** What of an optimizer's state is no tensor. */
export const optimizerHead = z.object({
  step: z.int().min(0),
  gathered: z.number().optional(),
  lossScale: z.object({ value: z.number().positive(), finite: z.int().min(0) }).optional(),
});

export type OptimizerHead = z.infer<typeof optimizerHead>;

/** An optimizer's state as tensors by name, and the rest of it. */
export function optimizerTensors({ step, slots, averages, gathered, lossScale }: OptimizerState): {
  readonly head: OptimizerHead;
  readonly tensors: Map<string, StoredTensor>;
} {
  const tensors = new Map<string, StoredTensor>();
  const add = (name: string, values: Float32Array): void =>
    void tensors.set(name, { dtype: "F32", shape: [values.length], data: unshared(values) });
  for (const [parameter, slot] of Object.entries(slots))
    for (const [kind, values] of Object.entries(slot)) add(`optimizer:${kind}:${parameter}`, values);
  for (const [name, values] of Object.entries(averages ?? {})) add(`average:${name}`, values);
  for (const [name, values] of Object.entries(gathered?.gradients ?? {})) add(`gathered:${name}`, values);
  const head = { step, ...(gathered && { gathered: gathered.weight }), ...(lossScale && { lossScale }) };
  return { head, tensors };
}

/** The state that `optimizerTensors` took apart; other tensors are passed over. */
export function optimizerState(
  { step, gathered, lossScale }: OptimizerHead,
  tensors: ReadonlyMap<string, StoredTensor>,
): OptimizerState {
  const slots = named<Record<string, Float32Array>>();
  const averages = named<Float32Array>();
  const gradients = named<Float32Array>();
  for (const [name, tensor] of tensors) {
    if (tensor.dtype !== "F32") continue;
    const [place, ...rest] = name.split(":");
    if (place === "optimizer") (slots[rest.slice(1).join(":")] ??= named())[rest[0] ?? ""] = tensor.data;
    else if (place === "average") averages[rest.join(":")] = tensor.data;
    else if (place === "gathered") gradients[rest.join(":")] = tensor.data;
  }
  return {
    ...{ step, slots },
    ...(Object.keys(averages).length > 0 && { averages }),
    ...(gathered !== undefined && { gathered: { weight: gathered, gradients } }),
    ...(lossScale && { lossScale }),
  };
}

/** A record without a prototype: a file's names may be those of its members, `__proto__` among them. */
function named<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

/** Whether every tensor of an optimizer's state is as long as that of its name among the weights. */
export function optimizerFits({ slots, averages, gathered }: OptimizerState, weights: StateDict): boolean {
  const fits = ([name, values]: readonly [string, Float32Array]): boolean =>
    weights.get(name)?.data.length === values.length;
  const ofSlots = Object.entries(slots).flatMap(([name, slot]) =>
    Object.values(slot).map((values) => [name, values] as const),
  );
  const others = [averages ?? {}, gathered?.gradients ?? {}].flatMap((tensors) => Object.entries(tensors));
  return [...ofSlots, ...others].every(fits);
}

/** The values outside memory that threads share, which no file is written from. */
function unshared(values: Float32Array): Float32Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = values;
  return buffer instanceof ArrayBuffer ? new Float32Array(buffer, byteOffset, length) : Float32Array.from(values);
}
