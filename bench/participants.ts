// Who takes part in a case, and how each is started. The first of a list is segkit, all others are peers.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Kind } from "./cases.ts";
import { type Problem, problemArgs } from "./problem.ts";

/** What a participant is given. */
export interface Task {
  readonly problem: Problem;
  readonly threads: number;
  readonly python: string;
  /** What segkit is to do otherwise, such as `--no-fused-conv`. */
  readonly given: readonly string[];
  /** Folder with the problem's weights and batch (`writeProblem`); none where segkit runs alone. */
  readonly folder: string;
  /** Folder of pictures. */
  readonly data: string;
}

export interface Participant {
  readonly name: string;
  /** Only the fastest of a family goes through all rounds. */
  readonly family: string;
  readonly command: (task: Task) => readonly string[];
  /** The cases it has a part in; all where left out. */
  readonly at?: "small" | "large";
  /** Takes part only where this one is the fastest of its family so far. */
  readonly after?: string;
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const node = [process.execPath, "--import", "tsx"];
const common = ({ problem, threads }: Task): string[] => [...problemArgs(problem), "--threads", `${threads}`];
const problemOf = ({ folder }: Task): string[] => ["--problem", folder];

/** segkit itself, as the benchmark was told. */
const segkit = (name: string, file: string, ...args: string[]): Participant => ({
  ...{ name, family: name },
  command: (task) => [...node, here(file), ...common(task), ...args, ...task.given],
});

/** One of PyTorch's ways to do the same; the plain one takes part everywhere. */
const torch = (name: string, file: string, ...args: string[]): Participant => ({
  ...{ name: `PyTorch, ${name}`, family: "PyTorch" },
  ...(args.length === 0 ? {} : { at: "large" }),
  command: (task) => [task.python, here(file), ...common(task), ...problemOf(task), ...args],
});

/** A library in JavaScript. */
const script = (name: string, file: string, ...args: string[]): Participant => ({
  ...{ name, family: name, at: "small" },
  command: (task) => [...node, here(file), ...common(task), ...problemOf(task), ...args],
});

const tfjs = (name: string, ...args: string[]): Participant =>
  script(`TensorFlow.js, ${name}`, "peers/tfjs.mjs", ...args);

const channelsLast = ["--layout", "channels_last"];

const train: readonly [Participant, ...Participant[]] = [
  segkit("segkit", "segkit-step.ts"),
  torch("contiguous", "peers/step.py"),
  torch("channels last", "peers/step.py", ...channelsLast),
  { ...torch("contiguous, compiled", "peers/step.py", "--compile", "1"), after: "PyTorch, contiguous" },
  {
    ...torch("channels last, compiled", "peers/step.py", "--compile", "1", ...channelsLast),
    after: "PyTorch, channels last",
  },
  { ...segkit("segkit, WebAssembly", "segkit-step.ts", "--backend", "wasm"), at: "small" },
  tfjs("WASM", "--mode", "train"),
  tfjs("WASM, our kernel gradient", "--mode", "train", "--kernel-gradient", "own"),
  tfjs("CPU", "--mode", "train", "--backend", "cpu"),
  script("jax-js, WASM", "peers/jax.mjs", "--mode", "train"),
];

const infer: readonly [Participant, ...Participant[]] = [
  segkit("segkit", "inference.ts"),
  torch("contiguous", "peers/inference.py"),
  torch("channels last", "peers/inference.py", ...channelsLast),
  torch("frozen script", "peers/inference.py", "--mode", "jit"),
  torch("frozen script, channels last", "peers/inference.py", "--mode", "jit", ...channelsLast),
  torch("compiled", "peers/inference.py", "--mode", "compile"),
  tfjs("WASM", "--mode", "infer"),
  tfjs("CPU", "--mode", "infer", "--backend", "cpu"),
  script("jax-js, WASM", "peers/jax.mjs", "--mode", "infer"),
];

const stream: readonly [Participant, ...Participant[]] = [
  {
    ...segkit("segkit", "stream.ts"),
    command: (task) => [...node, here("stream.ts"), ...common(task), "--data", task.data, ...task.given],
  },
  ...(["contiguous", "channels_last"] as const).map((layout): Participant => ({
    ...{ name: `PyTorch, ${layout.replace("_", " ")}`, family: "PyTorch" },
    command: (task) => [
      ...[task.python, here("peers/stream.py"), ...common(task), ...problemOf(task)],
      ...["--data", task.data, "--layout", layout],
    ],
  })),
];

/** The whole command; PyTorch's counterpart imports, builds and takes a step on random numbers, no pictures read. */
const start: readonly [Participant, ...Participant[]] = [
  {
    ...{ name: "segkit", family: "segkit" },
    command: ({ problem: { size, batch, encoder }, data, folder, threads }) => [
      ...[process.execPath, here("../bin/segkit.js"), "train", "--json", "--data", data, "--epochs", "1"],
      ...["--size", size.join("x"), "--bs", `${batch}`, "--encoder", encoder, "--threads", `${threads}`],
      ...["--pretrained", "false", "--seed", "1", "--out", join(folder, `run-${performance.now()}`)],
    ],
  },
  {
    ...{ name: "PyTorch, contiguous", family: "PyTorch" },
    command: (task) => [task.python, here("peers/step.py"), ...common(task), "--warmup", "0", "--repeats", "1"],
  },
];

const pipeline: readonly [Participant, ...Participant[]] = [
  {
    ...{ name: "segkit", family: "segkit" },
    command: (task) => [
      ...node,
      here("pipeline.ts"),
      "--data",
      ...pictures(task),
      "--repeats",
      "1",
      "--json",
      ...task.given,
    ],
  },
  {
    ...{ name: "fastai v1", family: "fastai v1" },
    command: (task) => [
      ...[task.python, here("peers/fastai_v1.py"), "pipeline", ...pictures(task), "--threads", "1"],
      ...["--out", "-"],
    ],
  },
];

function pictures({ data, problem: { size, batch }, threads }: Task): string[] {
  return [data, "--size", size.join("x"), "--bs", `${batch}`, "--workers", `${threads}`, "--batches", "12"];
}

export const participants: Readonly<Record<Kind, readonly [Participant, ...Participant[]]>> = {
  ...{ train, infer, stream, start, pipeline },
};
