import { expect, test } from "vitest";
import { ConfigError } from "../util/errors.ts";
import { Random } from "../util/random.ts";
import { BatchNorm2d } from "./batch-norm.ts";
import { Conv2d } from "./conv.ts";
import type { Members } from "./module.ts";
import { Module } from "./module.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "./safetensors.ts";
import { initialState, loadState } from "./state.ts";

class Pair extends Module {
  readonly swapped: boolean;
  readonly conv: Conv2d = new Conv2d(2, 3, { kernel: 3 });
  readonly bn: BatchNorm2d = new BatchNorm2d(3);

  constructor(swapped = false) {
    super();
    this.swapped = swapped;
  }

  override members(): Members {
    return this.swapped ? { bn: this.bn, conv: this.conv } : { conv: this.conv, bn: this.bn };
  }
}

const f32 = (shape: readonly number[]): StoredTensor => ({
  dtype: "F32",
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

test("initial values depend on the seed and the name, not on the order", () => {
  const state = initialState(new Pair(), new Random(5));
  const swapped = initialState(new Pair(true), new Random(5));
  expect([...swapped.keys()][0]).toBe("bn.weight");
  for (const [name, { data }] of state) expect(swapped.get(name)!.data, name).toEqual(data);
  expect(initialState(new Pair(), new Random(6)).get("conv.weight")).not.toEqual(state.get("conv.weight"));
  expect([...state.get("bn.weight")!.data, ...state.get("bn.bias")!.data]).toEqual([1, 1, 1, 0, 0, 0]);
  expect([...state.get("bn.running_mean")!.data, ...state.get("bn.running_var")!.data]).toEqual([0, 0, 0, 1, 1, 1]);
});

test("a state survives a file", () => {
  const state = initialState(new Pair(), new Random(5));
  const file = new Uint8Array(encodeSafetensors(state).flatMap((chunk) => [...chunk]));
  expect(loadState(new Pair(true), decodeSafetensors(file).tensors)).toEqual(state);
});

test("loadState lists every name that does not fit", () => {
  const state = new Map<string, StoredTensor>(initialState(new Pair(), new Random(5)));
  state.delete("bn.bias");
  state.delete("conv.bias");
  state.set("conv.weight", f32([3, 2, 1, 1]));
  state.set("head.weight", f32([1]));
  const load = () => loadState(new Pair(), state);
  expect(load).toThrow(ConfigError);
  expect(load).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: load: the weights do not fit the model: 2 missing (conv.bias, bn.bias); 1 unexpected (head.weight); 1 of the wrong shape or type (conv.weight is F32 [3, 2, 1, 1], expected F32 [3, 2, 3, 3])]`,
  );
  expect(() => loadState(new Pair(), state, { strict: false })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: load: the weights do not fit the model: 1 of the wrong shape or type (conv.weight is F32 [3, 2, 1, 1], expected F32 [3, 2, 3, 3])]`,
  );
});

test("a long list is cut", () => {
  const state = new Map(Array.from({ length: 40 }, (_, i) => [`extra.${i}`, f32([1])]));
  expect(() => loadState(new BatchNorm2d(3), state)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: load: the weights do not fit the model: 4 missing (weight, bias, running_mean, running_var); 40 unexpected (extra.0, extra.1, extra.2, extra.3, extra.4, … (35 more))]`,
  );
});

test("not strict: what is missing or unexpected is passed over", () => {
  const state = new Map<string, StoredTensor>([
    ["bn.bias", f32([3])],
    ["head.weight", f32([1])],
  ]);
  expect([...loadState(new Pair(), state, { strict: false }).keys()]).toEqual(["bn.bias"]);
});

test("PyTorch's batch counters are passed over", () => {
  const state = new Map<string, StoredTensor>(initialState(new Pair(), new Random(5)));
  state.set("bn.num_batches_tracked", { dtype: "I64", shape: [], data: BigInt64Array.of(7n) });
  expect([...loadState(new Pair(), state).keys()]).not.toContain("bn.num_batches_tracked");
});
