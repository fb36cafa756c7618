// Options of the JavaScript peers, and the problem they are given.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

export function options() {
  const { values } = parseArgs({
    options: {
      problem: { type: "string" },
      mode: { type: "string", default: "train" },
      "kernel-gradient": { type: "string", default: "library" },
      backend: { type: "string", default: "wasm" },
      batch: { type: "string", default: "2" },
      size: { type: "string", default: "32x32" },
      encoder: { type: "string", default: "resnet34" },
      classes: { type: "string", default: "12" },
      threads: { type: "string", default: "2" },
    },
  });
  const [height, width] = values.size.split("x").map(Number);
  const [n, classes, threads] = [values.batch, values.classes, values.threads].map(Number);
  const kernelGradient = values["kernel-gradient"];
  return { ...values, kernelGradient, n, classes, threads, height, width };
}

/** `{ weights: Map of name to { shape, data }, images, masks }`, as peers/README.md describes the files. */
export function readProblem(folder) {
  const read = (name) => readFileSync(join(folder, name)).buffer;
  const file = read("weights.safetensors");
  const length = Number(new DataView(file).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length)));
  const weights = new Map(
    Object.entries(header)
      .filter(([name]) => name !== "__metadata__")
      .map(
        ([
          name,
          {
            shape,
            data_offsets: [start, end],
          },
        ]) => {
          return [name, { shape, data: new Float32Array(file.slice(8 + length + start, 8 + length + end)) }];
        },
      ),
  );
  return { weights, images: new Float32Array(read("images.bin")), masks: new Int32Array(read("masks.bin")) };
}

/** Whether a value of the weights is of the running statistics of a batch norm: those do not train. */
export const isStatistic = (name) => name.includes(".running_");

/** The optimizer's settings, as step.py has them. */
export const adamw = { lr: 1e-3, beta1: 0.9, beta2: 0.99, eps: 1e-8, decay: 0.01 };
