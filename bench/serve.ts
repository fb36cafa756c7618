// How many pictures a second `segkit serve` answers, how long each takes, and whether its memory stays the same.
//
//   npm run bench:serve -- [--model RUN|FILE] [--clients 1,8,64] [--each 500] [--requests 10000] [--size 96x128]
//                          [--picture 120x160] [--accept image/png] [--threads 2] [--markdown]
//
// Without --model a ResNet-18 U-Net of 12 classes with random weights is served, at --size. Each number of clients sends
// --each requests, one after the other each; then 8 clients send --requests while the server's memory is watched. Every
// answer is compared with the first one to the same picture. Clients and server share the machine.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeStreets } from "../src/data/streets/write.node.ts";
import { distinctColours } from "../src/data/palette.ts";
import { type ModelCard, modelOf } from "../src/inference/card.ts";
import { writeWeights } from "../src/inference/weights.node.ts";
import { initialState } from "../src/nn/state.ts";
import { Random } from "../src/util/random.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    clients: { type: "string", default: "1,8,64" },
    each: { type: "string", default: "500" },
    requests: { type: "string", default: "10000" },
    size: { type: "string", default: "96x128" },
    picture: { type: "string", default: "120x160" },
    accept: { type: "string", default: "image/png" },
    threads: { type: "string", default: "2" },
    markdown: { type: "boolean", default: false },
  },
});

function sizeOf(text: string): [height: number, width: number] {
  const [height = NaN, width = NaN] = text.split("x").map(Number);
  return [height, width];
}

async function randomModel(folder: string): Promise<string> {
  const classes = Array.from({ length: 12 }, (_, i) => `class ${i}`);
  const card: ModelCard = {
    format: 1,
    architecture: {
      ...{ encoder: "resnet18", channels: 3, blur: false, blurFinal: true, selfAttention: false, yRange: null },
      ...{ lastCross: true, bottle: false, normType: null },
    },
    ...{
      classes,
      voidIndex: null,
      palette: distinctColours(12).map(([r, g, b]) => [r, g, b]),
      size: sizeOf(values.size),
    },
    stats: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  };
  const file = join(folder, "random.safetensors");
  await writeWeights(file, initialState(modelOf(card), new Random(1)), card);
  return file;
}

async function picturesOf(folder: string): Promise<Buffer<ArrayBuffer>[]> {
  const [height, width] = sizeOf(values.picture);
  const streets = join(folder, "streets");
  await writeStreets(streets, { train: 15, valid: 1, height, width, seed: 1 });
  const images = join(streets, "images");
  const files = (await readdir(images)).toSorted();
  return Promise.all(files.map(async (name) => Buffer.from(await readFile(join(images, name)))));
}

interface Started {
  readonly url: string;
  /** Stops it as a service manager does; gives its exit code. */
  stop(): Promise<number | null>;
}

/** Starts the built command line. */
async function start(model: string): Promise<Started> {
  const bin = fileURLToPath(new URL("../bin/segkit.js", import.meta.url));
  const args = [bin, "serve", model, "--port", "0", "--json", "--threads", values.threads, "--queue", "256"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    let listening = "";
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event = JSON.parse(line) as { event: string; url?: string };
      if (event.url !== undefined) listening = event.url;
      if (event.event === "ready") resolve(listening);
    });
    void ended.then((code) => reject(new Error(`serve: the server ended with ${code}`)));
  });
  const stop = (): Promise<number | null> => {
    child.kill("SIGTERM");
    return ended;
  };
  return { url, stop };
}

const known = new Map<number, string>();

/** Sends a picture; gives the milliseconds until its whole answer was there, or null where that was not the right one. */
async function ask(url: string, pictures: readonly Buffer<ArrayBuffer>[], i: number): Promise<number | null> {
  const number = i % pictures.length;
  const begin = performance.now();
  const headers = { "Content-Type": "image/*", Accept: values.accept };
  try {
    const response = await fetch(`${url}/predict`, { method: "POST", body: pictures[number]!, headers });
    const body = Buffer.from(await response.arrayBuffer());
    const milliseconds = performance.now() - begin;
    if (response.status !== 200) return null;
    // JSON says how long it took, which differs.
    if (values.accept.includes("json")) return milliseconds;
    const hash = createHash("sha256").update(body).digest("hex");
    const first = known.get(number) ?? hash;
    known.set(number, first);
    return hash === first ? milliseconds : null;
  } catch {
    return null;
  }
}

interface Load {
  readonly seconds: number;
  readonly times: readonly number[];
  readonly failures: number;
}

/** Some clients that send one request after the other. */
async function load(clients: number, requests: number, send: (i: number) => Promise<number | null>): Promise<Load> {
  const times: number[] = [];
  let [next, failures] = [0, 0];
  const begin = performance.now();
  const client = async (): Promise<void> => {
    while (next < requests) {
      const milliseconds = await send(next++);
      if (milliseconds === null) failures++;
      else times.push(milliseconds);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { seconds: (performance.now() - begin) / 1000, times: times.toSorted((a, b) => a - b), failures };
}

function row(clients: number, { seconds, times, failures }: Load): string[] {
  const at = (share: number): string =>
    (times[Math.min(Math.floor(share * times.length), times.length - 1)] ?? NaN).toFixed(1);
  const rate = (times.length / seconds).toFixed(1);
  return [String(clients), String(times.length + failures), rate, at(0.5), at(0.95), at(0.99), String(failures)];
}

interface Memory {
  readonly resident: number;
  /** JavaScript's own, as far as its collector has left it. */
  readonly heap: number;
  readonly external: number;
}

/** The server's memory in MB. */
async function memoryOf(url: string): Promise<Memory> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const read = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? NaN) / 1e6;
  return {
    resident: read("process_resident_memory_bytes"),
    heap: read("nodejs_heap_size_used_bytes"),
    external: read("nodejs_external_memory_bytes"),
  };
}

/** The slope of a least-squares line through values at equal distances. */
function slope(list: readonly number[]): number {
  const mid = (list.length - 1) / 2;
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const product = list.reduce((sum, value, i) => sum + (i - mid) * (value - mean), 0);
  return product / list.reduce((sum, _, i) => sum + (i - mid) ** 2, 0);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (values.markdown)
    return [head, head.map(() => "---:"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((cells) => cells[i]!.length)));
  return [head, ...rows].map((cells) => cells.map((cell, i) => cell.padStart(widths[i]!)).join("  ")).join("\n");
}

const folder = await mkdtemp(join(tmpdir(), "serve-"));
const server = await start(values.model ?? (await randomModel(folder)));
try {
  const pictures = await picturesOf(folder);
  const send = (i: number): Promise<number | null> => ask(server.url, pictures, i);
  await load(4, 2 * pictures.length, send);
  const rows: string[][] = [];
  for (const clients of values.clients.split(",").map(Number))
    rows.push(row(clients, await load(clients, Number(values.each), send)));
  console.log(table(["clients", "requests", "answers/s", "p50 ms", "p95 ms", "p99 ms", "failures"], rows));
  const requests = Number(values.requests);
  const every = Math.max(Math.floor(requests / 20), 1);
  const memory: Memory[] = [];
  const watched = await load(8, requests, async (i) => {
    const milliseconds = await send(i);
    if (i % every === 0) memory.push(await memoryOf(server.url));
    return milliseconds;
  });
  console.log(`\n${requests} requests of 8 clients: ${watched.failures} failures in ${watched.seconds.toFixed(0)} s`);
  for (const kind of ["resident", "heap", "external"] as const) {
    const all = memory.map((each) => each[kind]);
    const rise = (slope(all.slice(all.length >> 1)) * 1000) / every;
    const list = all.map((mb) => mb.toFixed(0)).join(" ");
    console.log(`${kind} MB, every ${every} requests: ${list}; second half ${rise.toFixed(2)} per 1000 requests`);
  }
} finally {
  const code = await server.stop();
  console.log(`stopped with exit code ${code}`);
  await rm(folder, { recursive: true });
}
