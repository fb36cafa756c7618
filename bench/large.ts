// Does `segkit predict` take a picture that is larger than memory?
//
//   npm run bench:large -- [--model RUN|FILE] [--sizes 5120x5120,6080x20000,20000x20000] [--window 320] [--out DIR] [--record]
//
// Without --model, the small U-Net of the page of `segkit demo` is trained on street scenes first. Each picture, HEIGHTxWIDTH, is
// drawn and written row by row, then predicted in windows that overlap by a quarter by the built command line, as a process of its
// own whose memory (RSS, with its children's) is read from outside ten times a second; Linux only. The mask must have the picture's
// size, and pieces of it must be, pixel by pixel, what `loadPredictor` gives for a picture of that piece and what lies around it. Ends
// with 1 where not, and where a picture takes more than 1.2 times the memory of a lower one of the same width.
// --record puts the table into README.md. Takes 5 GB of disk.
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import sharp from "sharp";
import type { Size } from "../src/data/image.ts";
import { type FilePredictor, loadPredictor } from "../src/inference/index.node.ts";
import { Mosaic } from "./large/mosaic.ts";
import { treeMemory } from "./large/tree-memory.ts";
import { machineLine } from "./machine.ts";
import { recordTable } from "./record.ts";
import { smallModel } from "./small-model.ts";
import { type Cells, markdownTable, textTable } from "./report.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    sizes: { type: "string", default: "5120x5120,6080x20000,20000x20000" },
    window: { type: "string", default: "320" },
    out: { type: "string", default: tmpdir() },
    threads: { type: "string", default: "2" },
    record: { type: "boolean", default: false },
  },
});
const window = Number(values.window);
const overlap = 0.25;
/** From one window to the next. A side of a window and some whole steps has its windows at these places, as any piece of it has. */
const step = window * (1 - overlap);

function sizeOf(text: string): Size {
  const [height = NaN, width = NaN] = text.split("x").map(Number);
  for (const side of [height, width])
    if (!(side >= window && Number.isInteger((side - window) / step)))
      throw new Error(`large: ${text}: expected sides of ${window} and a multiple of ${step}, but received ${side}`);
  return { height, width };
}

interface Watched {
  readonly seconds: number;
  /** Megabytes, ten times a second. */
  readonly memory: readonly number[];
}

/** Runs the built command line. */
async function watched(args: readonly string[]): Promise<Watched> {
  const bin = fileURLToPath(new URL("../bin/segkit.js", import.meta.url));
  const begin = performance.now();
  const child = spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  const memory: number[] = [];
  const clock = setInterval(() => memory.push(treeMemory(child.pid!) / 1e6), 100);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(clock);
  if (code !== 0) throw new Error(`large: segkit ${args[0]} ended with ${code}`);
  return { seconds: (performance.now() - begin) / 1000, memory: memory.filter((mb) => mb > 0) };
}

/** A piece in the middle of three by three windows, which alone see it. */
const piece = { height: window + 2 * step, width: window + 2 * step };
const margin = window - step;
const inside = piece.height - 2 * margin;

/** Where pieces are compared: corners of the grid of windows, so that a piece's own windows are at the same places. */
function placesOf({ height, width }: Size): [top: number, left: number][] {
  const [rows, columns] = [height, width].map((side) => (side - piece.height) / step) as [number, number];
  const at = (share: number, all: number): number => Math.round(share * all) * step;
  return [
    [0, 0],
    [at(0.5, rows), at(0.5, columns)],
    [at(0.3, rows), at(0.9, columns)],
    [at(1, rows), at(1, columns)],
  ];
}

/** Pixels of a mask's piece that are not what is predicted of the piece alone, and the classes seen. */
async function differences(file: string, mosaic: Mosaic, predictor: FilePredictor): Promise<[number, Set<number>]> {
  const classes = new Set<number>();
  let different = 0;
  for (const [top, left] of placesOf(mosaic)) {
    const image = mosaic.part(top, left, piece);
    const { data } = await predictor.predict(image, { window: { size: [window, window], overlap } });
    const found = await idsOf(file, { top: top + margin, left: left + margin, height: inside, width: inside });
    for (let y = 0; y < inside; y++)
      for (let x = 0; x < inside; x++) {
        const id = found[y * inside + x]!;
        classes.add(id);
        if (id !== data[(y + margin) * piece.width + x + margin]) different++;
      }
  }
  return [different, classes];
}

/** Class ids of a rectangle of an indexed PNG. */
async function idsOf(
  file: string,
  { top, left, height, width }: Size & { top: number; left: number },
): Promise<Buffer> {
  const picture = sharp(file, { limitInputPixels: false, sequentialRead: true });
  const colours = await picture.extract({ top, left, height, width }).removeAlpha().raw().toBuffer();
  return Buffer.from(Array.from({ length: height * width }, (_, i) => idByColour.get(colours.readUIntBE(3 * i, 3))!));
}

const folder = await mkdtemp(join(values.out, "large-"));
const model = values.model ?? (await smallModel(join(folder, "small.onnx")));
const predictor = await loadPredictor(await readFile(model), { threads: Number(values.threads) });
const idByColour = new Map(predictor.spec.colors.map(([r, g, b], id) => [(r << 16) | (g << 8) | b, id]));

const rows: Cells[] = [
  [
    "picture",
    "megapixels",
    "PNG, MB",
    "seconds",
    "peak MB",
    "MB at each tenth of the time",
    "mask",
    "pixels compared",
    "different",
  ],
];
const peaks: (Size & { readonly peak: number })[] = [];
let failed = false;
try {
  for (const size of values.sizes.split(",").map(sizeOf)) {
    const { height, width } = size;
    const name = `${height}x${width}`;
    const mosaic = new Mosaic(size, 1);
    const [picture, out] = [join(folder, `${name}.png`), join(folder, name)];
    await pipeline(mosaic.png(), createWriteStream(picture));
    await mkdir(out);
    const { seconds, memory } = await watched([
      ...["predict", model, picture, "--out", out, "--format", "masks", "--window", `${window}x${window}`],
      ...["--overlap", String(overlap), "--threads", values.threads],
    ]);
    const mask = join(out, `${name}.png`);
    const made = await sharp(mask, { limitInputPixels: false }).metadata();
    const [different, classes] = await differences(mask, mosaic, predictor);
    const peak = memory.reduce((most, mb) => Math.max(most, mb), 0);
    peaks.push({ ...size, peak });
    failed ||= different > 0 || made.height !== height || made.width !== width;
    const tenths = Array.from({ length: 10 }, (_, i) =>
      memory[Math.floor(((i + 0.5) * memory.length) / 10)]!.toFixed(0),
    );
    rows.push([
      ...[`${height}×${width}`, ((height * width) / 1e6).toFixed(0), await megabytes(picture), seconds.toFixed(0)],
      ...[peak.toFixed(0), tenths.join(" "), `${made.height}×${made.width}`],
      ...[`${placesOf(size).length * inside ** 2} of ${classes.size} classes`, String(different)],
    ]);
    console.log(rows.at(-1)!.join("  "));
    await rm(picture);
    await rm(out, { recursive: true });
  }
} finally {
  await predictor.release();
  await rm(folder, { recursive: true });
}

const grown = peaks.some(({ height, width, peak }) =>
  peaks.some((lower) => lower.width === width && lower.height < height && peak > 1.2 * lower.peak),
);
failed ||= grown;
const about = `${machineLine()}; windows of ${window}×${window}, ${values.threads} threads`;
const verdict = grown ? "MEMORY GROWS WITH HEIGHT" : failed ? "WRONG MASKS" : "the same masks, in bounded memory";
console.log(`\n${about}\n${textTable(rows)}\n${verdict}`);
if (values.record) await recordTable("large", `${about}:\n\n${markdownTable(rows)}`);
process.exitCode = failed ? 1 : 0;

async function megabytes(file: string): Promise<string> {
  return ((await stat(file)).size / 1e6).toFixed(0);
}
