// Whether memory stays the same: `segkit train` over many steps, then `segkit predict` over many pictures.
//
//   npm run soak -- [--steps 2000] [--pictures 5000] [--size 32x48] [--encoder mobilenetV3Large] [--threads 1]
//
// It is the built command line that runs, in a process of its own whose memory (RSS) is read from outside, four times a second;
// Linux only. The first quarter, in which caches fill, is left out. Of the rest, the lowest of each of 40 parts is taken: what
// is left when what comes and goes, such as the copies for a checkpoint, has gone. A line is drawn through them: memory is flat
// where its rise is within twice its standard error, or below 2 % of the mean. Leaves with 1 where not.
import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeStreets } from "../src/data/streets/write.node.ts";
import { isFlat, lowest, trendOf } from "./trend.ts";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "2000" },
    pictures: { type: "string", default: "5000" },
    size: { type: "string", default: "32x48" },
    encoder: { type: "string", default: "mobilenetV3Large" },
    threads: { type: "string", default: "1" },
  },
});
const [height, width] = values.size.split("x").map(Number) as [number, number];
const [steps, pictures] = [Number(values.steps), Number(values.pictures)];
const batch = 4;
const epochs = Math.max(Math.round(steps / 250), 1);

/** Runs the command line; gives its memory in MB over time, and how long it took. */
async function watched(args: readonly string[]): Promise<{ rss: number[]; seconds: number }> {
  const bin = fileURLToPath(new URL("../bin/segkit.js", import.meta.url));
  const start = performance.now();
  const child = spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  const rss: number[] = [];
  const clock = setInterval(() => {
    readFile(`/proc/${child.pid}/status`, "latin1").then(
      (text) => rss.push(Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? NaN) / 1024),
      () => {},
    );
  }, 250);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(clock);
  if (code !== 0) throw new Error(`segkit ${args[0]} ended with ${code}`);
  return { rss: rss.filter(Number.isFinite), seconds: (performance.now() - start) / 1000 };
}

let flat = true;

async function soak(what: string, args: readonly string[]): Promise<void> {
  const { rss, seconds } = await watched(args);
  const trend = trendOf(lowest(rss.slice(Math.floor(rss.length / 4))));
  const { first, last, rise, error } = trend;
  flat &&= isFlat(trend);
  const numbers = [first, last, rise, error, Math.max(...rss)].map((x) => x.toFixed(1));
  console.log(`| ${[what, seconds.toFixed(0), rss.length, ...numbers, isFlat(trend) ? "yes" : "NO"].join(" | ")} |`);
}

const folder = await mkdtemp(join(tmpdir(), "segkit-soak-"));
try {
  const [data, run, many] = ["data", "run", "many"].map((name) => join(folder, name)) as [string, string, string];
  await writeStreets(data, { train: Math.round((steps * batch) / epochs), valid: 16, height, width, seed: 1 });
  console.log("| what | seconds | samples | first, MB | last, MB | rise, MB | its error | most, MB | flat |");
  console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
  const size = ["--size", values.size, "--bs", String(batch), "--epochs", String(epochs), "--encoder", values.encoder];
  await soak(`train, ${steps} steps`, ["train", "--data", data, "--out", run, ...size, "--threads", values.threads]);
  await mkdir(many);
  const images = await readdir(join(data, "images"));
  for (let i = 0; i < pictures; i++) {
    const image = images[i % images.length]!;
    await copyFile(join(data, "images", image), join(many, `${String(i).padStart(6, "0")}-${image}`));
  }
  const out = ["--out", join(folder, "masks"), "--format", "masks", "--threads", values.threads];
  await soak(`predict, ${pictures} pictures`, ["predict", run, many, ...out]);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = flat ? 0 : 1;
