// How many pictures a second `segkit serve` answers, how long each takes, and whether its memory stays the same.
//
//   npm run bench:serve -- [--model RUN|FILE] [--clients 1,8,64] [--each 500] [--requests 10000]
//                          [--picture 120x160] [--accept image/png] [--threads 2] [--record]
//
// Without --model, the small U-Net of the page of `segkit demo` is trained on street scenes first. Each number of clients sends
// --each requests, one after the other each; then 8 clients send --requests while the server's memory is watched. Every answer is
// compared with the first one to the same picture. Clients and server share the machine. The first quarter of the memory is left
// out, in which caches fill; a line is drawn through what is left when what comes and goes has gone. Ends with 1 where a request
// failed, memory rises, or the server does not end with 0 on SIGTERM. --record puts the tables into README.md.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeStreets } from "../src/data/streets/write.node.ts";
import { loadLine, machineLine } from "./machine.ts";
import { recordTable } from "./record.ts";
import { type Cells, markdownTable, textTable } from "./report.ts";
import { smallModel } from "./small-model.ts";
import { isFlat, lowest, trendOf } from "./trend.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    clients: { type: "string", default: "1,8,64" },
    each: { type: "string", default: "500" },
    requests: { type: "string", default: "10000" },
    picture: { type: "string", default: "120x160" },
    accept: { type: "string", default: "image/png" },
    threads: { type: "string", default: "2" },
    record: { type: "boolean", default: false },
  },
});

function sizeOf(text: string): [height: number, width: number] {
  const [height = NaN, width = NaN] = text.split("x").map(Number);
  return [height, width];
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

const folder = await mkdtemp(join(tmpdir(), "serve-"));
const model = values.model ?? (await smallModel(join(folder, "small.onnx")));
const busy = loadLine();
const server = await start(model);
const loads: Cells[] = [["clients", "requests", "answers/s", "p50 ms", "p95 ms", "p99 ms", "failures"]];
const memories: Cells[] = [["memory", "first, MB", "last, MB", "rise, MB", "its error", "most, MB", "flat"]];
let failed = false;
try {
  const pictures = await picturesOf(folder);
  const send = (i: number): Promise<number | null> => ask(server.url, pictures, i);
  await load(4, 2 * pictures.length, send);
  for (const clients of values.clients.split(",").map(Number))
    tell(clients, await load(clients, Number(values.each), send));
  const requests = Number(values.requests);
  const every = Math.max(Math.floor(requests / 400), 1);
  const memory: Memory[] = [];
  const watched = await load(8, requests, async (i) => {
    const milliseconds = await send(i);
    if (i % every === 0) memory.push(await memoryOf(server.url));
    return milliseconds;
  });
  tell(8, watched);
  for (const kind of ["resident", "heap", "external"] as const) {
    const all = memory.map((each) => each[kind]);
    const trend = trendOf(lowest(all.slice(all.length >> 2)));
    failed ||= !isFlat(trend);
    const numbers = [trend.first, trend.last, trend.rise, trend.error, Math.max(...all)].map((mb) => mb.toFixed(1));
    memories.push([kind, ...numbers, isFlat(trend) ? "yes" : "NO"]);
  }
} finally {
  const code = await server.stop();
  failed ||= code !== 0;
  console.log(`the server ended with ${code}`);
  await rm(folder, { recursive: true });
}
const about = [machineLine(), `pictures of ${values.picture}, ${values.accept}`, ...(busy ? [busy] : [])].join("; ");
console.log(
  `${about}\n\n${textTable(loads)}\n\n${textTable(memories)}\n${failed ? "FAILED" : "no failures, flat memory"}`,
);
if (values.record) await recordTable("serve", `${about}:\n\n${markdownTable(loads)}\n\n${markdownTable(memories)}`);
process.exitCode = failed ? 1 : 0;

function tell(clients: number, found: Load): void {
  failed ||= found.failures > 0;
  loads.push(row(clients, found));
  console.log(loads.at(-1)!.join("  "));
}
