// How many pictures a second do the loaders make ready: decoding, fastai's usual transforms, normalisation.
//
//   npm run bench:pipeline -- --data FOLDER [--size 360x480] [--bs 8] [--workers 2] [--batches 24] [--repeats 3]
//                             [--no-simd] [--fastai] [--python PATH]
//
// It is the built package that is measured (`npm run build`), since the compiler that runs the sources directly takes
// time in every thread. --no-simd samples pictures by plain code; --fastai lets the real fastai v1 do the same work in
// turns (peers/README.md tells how to install it).
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type * as Loader from "../src/data/loader.node.ts";
import { openFolder } from "../src/data/folder.node.ts";
import { getTransforms } from "../src/data/transforms/get-transforms.ts";
import { imagenetStats } from "../src/data/transforms/normalize.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    size: { type: "string", default: "360x480" },
    bs: { type: "string", default: "8" },
    workers: { type: "string", default: "2" },
    batches: { type: "string", default: "24" },
    repeats: { type: "string", default: "3" },
    fastai: { type: "boolean", default: false },
    "no-simd": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    python: { type: "string", default: process.env.SEGKIT_PYTHON ?? "python3" },
  },
});
if (values.data === undefined) throw new Error("pipeline: name the dataset folder with --data");
const folder = values.data;
const [batchSize, workers, batches] = [values.bs, values.workers, values.batches].map(Number) as [
  number,
  number,
  number,
];
const size = values.size.split("x").map(Number) as [number, number];
const dataset = await openFolder(folder);
const built = new URL("../dist/data/loader.node.js", import.meta.url).href;
const { DataLoader } = (await import(built)) as typeof Loader;

/** Milliseconds of all cores that went into a picture, in each turn. */
const costs: number[] = [];

/** Pictures a second, the threads' start not counted: the first batches only set them going. */
async function segkit(epoch: number): Promise<number> {
  const spec = { size, transforms: getTransforms()[0], stats: imagenetStats };
  const options = { batchSize, spec, workers, shuffle: true, dropLast: true, simd: !values["no-simd"] };
  const loader = new DataLoader(dataset.train, options);
  const warmUp = workers + 2;
  let [made, start] = [0, 0];
  let before = process.cpuUsage();
  for await (const { n } of loader.batches(epoch)) {
    made++;
    if (made === warmUp) [start, before] = [performance.now(), process.cpuUsage()];
    if (made === warmUp + batches) {
      const rate = (batches * n * 1000) / (performance.now() - start);
      const { user, system } = process.cpuUsage(before);
      costs.push((user + system) / 1000 / batches / n);
      await loader.close();
      return rate;
    }
  }
  throw new Error(`pipeline: expected at least ${warmUp + batches} batches, but there are ${made}`);
}

function fastai(): number {
  const script = fileURLToPath(new URL("peers/fastai_v1.py", import.meta.url));
  const args = [script, "pipeline", folder, "--size", values.size, "--bs", values.bs, "--workers", values.workers];
  const out = join(mkdtempSync(join(tmpdir(), "pipeline-")), "rate.json");
  args.push("--batches", values.batches, "--out", out, "--threads", "1");
  const { status, stderr } = spawnSync(values.python, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`pipeline: fastai ended with ${status}: ${stderr}`);
  return (JSON.parse(readFileSync(out, "utf8")) as { rate: number }).rate;
}

const median = (rates: readonly number[]): number => rates.toSorted((a, b) => a - b)[rates.length >> 1]!;
const [own, theirs]: [number[], number[]] = [[], []];
for (let i = 0; i < Number(values.repeats); i++) {
  own.push(await segkit(i));
  if (values.fastai) theirs.push(fastai());
}
const say = (who: string, rates: readonly number[]): void => {
  const rate = median(rates);
  const range = `${Math.min(...rates).toFixed(1)}–${Math.max(...rates).toFixed(1)}`;
  console.log(
    `${who.padEnd(9)} ${rate.toFixed(1)} pictures/s (${range}), ${(batchSize / rate).toFixed(3)} s a batch of ${batchSize}`,
  );
};
if (values.json) console.log(JSON.stringify({ rate: median(own) }));
console.log(`${values.size}, ${workers} workers, getTransforms(), ${own.length} repeats`);
say("segkit", own);
console.log(`          ${median(costs).toFixed(1)} ms of processor time a picture`);
if (values.fastai) {
  say("fastai v1", theirs);
  console.log(`ratio of the medians: ${(median(own) / median(theirs)).toFixed(2)}`);
}
