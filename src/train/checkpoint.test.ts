import { expect, test } from "vitest";
import { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import { encodeSafetensors } from "../nn/safetensors.ts";
import type { EpochResult } from "./callback.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";

function epoch(number: number, loss = 0.25): EpochResult {
  const confusion = new ConfusionMatrix(2);
  confusion.add(Uint8Array.of(0, 1, 1), Uint8Array.of(0, 0, 1));
  return {
    epoch: number,
    trainLoss: 1 / 3,
    seconds: 1.5,
    validation: { loss, confusion, metrics: { mean_iou: 0.5, none: NaN } },
  };
}

const checkpoint: Checkpoint = {
  phase: 1,
  data: "fingerprint",
  seed: 7,
  earlier: [epoch(0)],
  position: {
    ...{ epoch: 2, batch: 7, smoothLoss: { average: 0.1 + 0.2, count: 9 }, history: [epoch(0), epoch(1, NaN)] },
    ...{ scheduled: 20.5, pace: 1.5, lrFactor: 0.2, skippedSteps: 1, firstPass: 3, stopped: true },
    memories: { plateau: { best: NaN, wait: 2 } },
  },
  weights: new Map([
    ["layers.0.weight", { dtype: "F32", shape: [2, 1], data: Float32Array.of(1, Math.fround(0.1)) }],
    ["odd:name", { dtype: "F32", shape: [], data: Float32Array.of(3) }],
  ]),
  optimizer: {
    step: 42,
    slots: {
      "layers.0.weight": { m: Float32Array.of(5, 6), v: Float32Array.of(7, 8) },
      "odd:name": { m: Float32Array.of(9), v: Float32Array.of(0) },
    },
    averages: { "odd:name": Float32Array.of(0.5) },
    gathered: { weight: 12, gradients: { "odd:name": Float32Array.of(7) } },
    lossScale: { value: 4096, finite: 17 },
  },
};

function join(chunks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(chunks));
}

test("everything comes back, bit for bit", () => {
  expect(decodeCheckpoint(join(encodeCheckpoint(checkpoint)))).toEqual(checkpoint);
});

test("a checkpoint in the middle of the first epoch has no confusion matrices", () => {
  const first = { ...checkpoint, phase: 0, earlier: [], position: { ...checkpoint.position, epoch: 0, history: [] } };
  expect(decodeCheckpoint(join(encodeCheckpoint(first)))).toEqual(first);
});

test("a damaged file is refused", () => {
  const bytes = join(encodeCheckpoint(checkpoint));
  expect(() => decodeCheckpoint(bytes.subarray(0, bytes.length - 4))).toThrowErrorMatchingInlineSnapshot(
    `[CorruptFileError: safetensors: expected 140 bytes of tensors, but the file holds 136]`,
  );
  expect(() => decodeCheckpoint(join(encodeSafetensors(new Map(), {})))).toThrowErrorMatchingInlineSnapshot(
    `[CorruptFileError: checkpoint: its description of where the run stood is damaged]`,
  );
  const position = { ...checkpoint.position, epoch: -1 };
  expect(() =>
    decodeCheckpoint(join(encodeCheckpoint({ ...checkpoint, position }))),
  ).toThrowErrorMatchingInlineSnapshot(
    `[CorruptFileError: checkpoint: its description of where the run stood is damaged]`,
  );
});
