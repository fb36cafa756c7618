import { spawnSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { huggingFaceFiles } from "../../src/export/huggingface.ts";
import { loadPredictor, type ModelSpec, type RgbImage } from "../../src/inference/index.node.ts";
import { chromium, inBrowser } from "../../test/support/browser.ts";
import { segmented } from "../../test/support/segment.ts";

/** What is predicted everywhere. */
export interface Problem {
  readonly bytes: Uint8Array;
  readonly spec: ModelSpec;
  /** Pictures of the size that the model was trained at. */
  readonly images: readonly RgbImage[];
  /** A folder to work in, with the file as model.onnx. */
  readonly folder: string;
  readonly python: string;
}

/** The classes of every picture's pixels, and what gave them. */
export interface Found {
  readonly masks: readonly ArrayLike<number>[];
  readonly about: string;
}

/** A place where the file is run. */
export interface Participant {
  readonly name: string;
  run(problem: Problem): Promise<Found>;
}

/** Seconds that a browser may take: a GPU in software takes minutes. */
const patience = 3600;

export const participants: readonly Participant[] = [
  { name: "Node, native", run: (problem) => inNode(problem, "cpu") },
  { name: "Node, WebAssembly", run: (problem) => inNode(problem, "wasm") },
  { name: "Chromium, WebAssembly", run: (problem) => inChromium(problem, "wasm") },
  { name: "Chromium, WebGPU", run: (problem) => inChromium(problem, "webgpu") },
  { name: "Transformers.js", run: withTransformers },
  { name: "Python", run: inPython },
];

async function inNode({ bytes, images }: Problem, backend: "cpu" | "wasm"): Promise<Found> {
  const predictor = await loadPredictor(bytes, { backend });
  const masks = [];
  for (const image of images) masks.push((await predictor.predict(image)).data);
  const about = predictor.backend;
  await predictor.release();
  return { masks, about };
}

async function inChromium({ bytes, images }: Problem, backend: "wasm" | "webgpu"): Promise<Found> {
  if (!chromium) throw new Error("Chromium is not installed");
  const pictures = images.map(({ data, ...size }) => ({ data: [...data], ...size }));
  const files = { "model.onnx": bytes, "asked.json": JSON.stringify({ backend, pictures }) };
  const result = (await inBrowser("everywhere", patience, files)) as Found | { readonly error: string };
  if ("error" in result) throw new Error(result.error);
  return result;
}

async function withTransformers({ bytes, spec, images, folder }: Problem): Promise<Found> {
  for (const [name, content] of Object.entries(huggingFaceFiles({ bytes, spec }))) {
    const file = join(folder, "models", "model", name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const names = await segmented(join(folder, "models"), "model", images, "cpu");
  return { masks: names.map((each) => each.map((name) => spec.names.indexOf(name))), about: "in Node, natively" };
}

/** Only the file's own words tell Python what its input is: pixels are normalised as `seg.spec` says. */
async function inPython({ images, folder, python }: Problem): Promise<Found> {
  const [{ height, width }] = images as [RgbImage];
  await writeFile(join(folder, "pictures.bin"), Buffer.concat(images.map(({ data }) => data)));
  const script = fileURLToPath(new URL("../peers/everywhere.py", import.meta.url));
  const sizes = [images.length, height, width].map(String);
  const { status, stdout, stderr, error } = spawnSync(python, [script, folder, ...sizes], { encoding: "utf8" });
  if (status !== 0) throw new Error(error?.message ?? stderr.trim().split("\n").at(-1));
  const ids = await readFile(join(folder, "ids.bin"));
  const pixels = height * width;
  return { masks: images.map((_, i) => ids.subarray(i * pixels, (i + 1) * pixels)), about: stdout.trim() };
}
