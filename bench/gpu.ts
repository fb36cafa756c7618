// npm run bench:gpu [-- --batch 4 --size 192x256 --encoder resnet34 --repeats 9 --python PATH --markdown]
//
// Times segkit's training step on the GPU, beside PyTorch's on the same GPU where it is installed with CUDA.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openRuntime } from "../src/runtime/ort.node.ts";
import { SegkitError } from "../src/util/errors.ts";
import type { Case } from "./cases.ts";
import { machineLine } from "./machine.ts";
import { measure } from "./measure.ts";
import type { Participant, Task } from "./participants.ts";
import { problemArgs, problemOf, problemOptions, writeProblem } from "./problem.ts";
import { caseReport, versionsLine } from "./report.ts";

const { values } = parseArgs({
  options: {
    ...problemOptions,
    repeats: { type: "string", default: "9" },
    cap: { type: "string", default: "60" },
    python: { type: "string", default: process.env.SEGKIT_PYTHON ?? "python3" },
    markdown: { type: "boolean", default: false },
  },
});

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const segkit = (name: string, ...args: string[]): Participant => ({
  ...{ name, family: name },
  command: ({ problem }) => [
    ...[process.execPath, "--import", "tsx", here("gpu-step.ts")],
    ...[...problemArgs(problem), ...args],
  ],
});

const torch = (name: string, ...args: string[]): Participant => ({
  ...{ name: `PyTorch, ${name}`, family: args.includes("--amp") ? "PyTorch, float16" : "PyTorch" },
  command: ({ problem, python, folder }) => [
    ...[python, here("peers/step.py"), ...problemArgs(problem), "--problem", folder],
    ...["--device", "cuda", "--warmup", "3", ...args],
  ],
});

const channelsLast = ["--layout", "channels_last"];
const participants: readonly Participant[] = [
  segkit("segkit"),
  segkit("segkit, float16", "--fp16"),
  torch("contiguous"),
  torch("channels last", ...channelsLast),
  torch("contiguous, float16", "--amp"),
  torch("channels last, float16", "--amp", ...channelsLast),
];

async function bench(): Promise<void> {
  const about: Case = { ...problemOf(values), kind: "train", title: "training step on the GPU", own: true };
  const folder = mkdtempSync(join(tmpdir(), "segkit-bench-"));
  try {
    writeProblem(folder, about);
    const task: Task = { ...{ problem: about, threads: 1, given: [], data: "", folder }, python: values.python };
    const options = { repeats: Number(values.repeats), cap: Number(values.cap), progress: console.error };
    const results = await measure("train", participants, task, options);
    console.log(machineLine());
    for (const { name, about: said } of results)
      if (said.engine !== undefined || said.device !== undefined) console.log(`${name}: ${said.engine ?? said.device}`);
    console.log(caseReport("gpu", about, results, values.markdown));
    console.log(versionsLine(results) ?? "");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await openRuntime({ backend: "webgpu" });
  await bench();
} catch (error) {
  if (!(error instanceof SegkitError)) throw error;
  console.error(`bench:gpu: ${error.message}\n  ${error.hint ?? ""}`);
  process.exitCode = error.exitCode;
}
