// npm run bench:doctor [-- --counts 1000,5000,10000 --kinds moving,still,flat --out DIR --keep]
//
// How long `segkit data check` takes and what memory it holds, on folders of 360×480 JPEG pictures with PNG masks. Moving:
// cuts of drawn street scenes, mirrored and brightened. Still: one scene, in which one thing moves. Flat: one colour with
// one thing on it. Of still and flat pictures all perceptual hashes are near each other. A fifth is validated on.
import { spawnSync } from "node:child_process";
import { link, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import sharp, { type OverlayOptions, type Sharp } from "sharp";
import { forEachLimited } from "../src/data/concurrent.ts";
import type { Item } from "../src/data/dataset.ts";
import { decodeImage, decodeMask } from "../src/data/decode.node.ts";
import { openFolder } from "../src/data/folder.node.ts";
import type { IdMask, RgbImage } from "../src/data/image.ts";
import { streetsClasses } from "../src/data/streets/streets.ts";
import { writeStreets } from "../src/data/streets/write.node.ts";
import { Random } from "../src/util/random.ts";
import { loadLine, machineLine } from "./machine.ts";
import { type Cells, textTable } from "./report.ts";

const { values } = parseArgs({
  options: {
    counts: { type: "string", default: "1000,5000,10000" },
    kinds: { type: "string", default: "moving,still,flat" },
    out: { type: "string" },
    keep: { type: "boolean", default: false },
  },
});
const counts = values.counts.split(",").map(Number);
const [height, width] = [360, 480];
/** What cuts may be moved by, and scenes that they are cut from. */
const [margin, scenes] = [80, 60];

/** Colours a picture from the scene it is cut from. */
type Paint = (picture: Sharp, random: Random) => Sharp;

/** A small bright thing somewhere. */
function thing(random: Random): OverlayOptions {
  const [w, h] = [20 + random.integer(30), 20 + random.integer(30)];
  const background = { r: 255, g: random.integer(256), b: random.integer(256) };
  return {
    input: { create: { width: w, height: h, channels: 3, background } },
    left: random.integer(width - w),
    top: random.integer(height - h),
  };
}

interface Kind {
  /** Whether every picture is a cut of its own. */
  readonly moves: boolean;
  readonly paint: Paint;
}

const kinds = {
  moving: { moves: true, paint: (picture, random) => picture.modulate({ brightness: random.between(0.8, 1.2) }) },
  still: { moves: false, paint: (picture, random) => picture.composite([thing(random)]) },
  flat: {
    moves: false,
    paint: (_, random) =>
      sharp({ create: { width, height, channels: 3, background: "#58606a" } }).composite([thing(random)]),
  },
} satisfies Record<string, Kind>;

const nameOf = (i: number): string => `picture_${String(i).padStart(5, "0")}`;

/** Street scenes larger than the pictures, to be cut from, with their masks. */
async function drawScenes(folder: string): Promise<{ image: RgbImage; mask: IdMask }[]> {
  const size = { height: height + margin, width: width + margin };
  await writeStreets(folder, { train: scenes - 1, valid: 1, ...size, seed: 1 });
  const { train, valid } = await openFolder(folder);
  const read = async ({ image, mask }: Item) => ({ image: await decodeImage(image), mask: await decodeMask(mask) });
  return Promise.all([...train, ...valid].map(read));
}

/** Writes the pictures and masks of the largest folder. */
async function write(
  folder: string,
  drawn: Awaited<ReturnType<typeof drawScenes>>,
  { moves, paint }: Kind,
  count: number,
): Promise<void> {
  for (const part of ["images", "labels"]) await mkdir(join(folder, part), { recursive: true });
  await forEachLimited(count, 4, async (i) => {
    const random = new Random(5).split(i);
    const { image, mask } = drawn[moves ? random.integer(scenes) : 0]!;
    const [left, top] = moves ? [random.integer(margin), random.integer(margin)] : [0, 0];
    const mirrored = moves && random.integer(2) === 1;
    const cut = ({ data, ...size }: RgbImage | IdMask, channels: 1 | 3): Sharp =>
      sharp(data, { raw: { ...size, channels } })
        .extract({ left, top, width, height })
        .flop(mirrored);
    await paint(cut(image, 3), random)
      .jpeg({ quality: 90 })
      .toFile(join(folder, "images", `${nameOf(i)}.jpg`));
    await cut(mask, 1)
      .toColourspace("b-w")
      .png()
      .toFile(join(folder, "labels", `${nameOf(i)}_P.png`));
  });
}

/** A folder of the first pictures of another one. */
async function part(from: string, to: string, count: number): Promise<void> {
  for (const folder of ["images", "labels"]) await mkdir(join(to, folder), { recursive: true });
  for (let i = 0; i < count; i++)
    for (const file of [`images/${nameOf(i)}.jpg`, `labels/${nameOf(i)}_P.png`])
      await link(join(from, file), join(to, file));
  await writeFile(join(to, "codes.txt"), `${streetsClasses.join("\n")}\n`);
  const listed = Array.from({ length: Math.floor(count / 5) }, (_, i) => `${nameOf(5 * i)}.jpg\n`);
  await writeFile(join(to, "valid.txt"), listed.join(""));
}

/** Writes what a process has used when it ends. */
const meter = `data:text/javascript,import{isMainThread as m}from"node:worker_threads";import{writeFileSync as w}from"node:fs";if(m)process.on("exit",()=>w(process.env.SEGKIT_USAGE,JSON.stringify(process.resourceUsage())))`;

async function check(folder: string): Promise<{ cells: Cells; findings: string }> {
  const usage = join(folder, "usage.json");
  const command = [fileURLToPath(new URL("../bin/segkit.js", import.meta.url)), "data", "check", folder, "--json"];
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", meter, ...command], {
    env: { ...process.env, SEGKIT_USAGE: usage },
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0 && status !== 3) throw new Error(`segkit data check ended with ${status}: ${stderr}`);
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(await readFile(usage, "utf8")) as NodeJS.ResourceUsage;
  const findings = stdout
    .split("\n")
    .filter((line) => line.includes('"event":"finding"'))
    .map((line) => JSON.parse(line) as { kind: string; count: number })
    .map(({ kind, count }) => `${kind} ${count}`);
  const cpu = (userCPUTime + systemCPUTime) / 1e6;
  const cells = [seconds.toFixed(1), cpu.toFixed(1), `${Math.round((maxRSS * 1024) / 1e6)}`];
  return { cells, findings: findings.join(", ") };
}

const out = values.out === undefined ? await mkdtemp(join(tmpdir(), "segkit-doctor-")) : resolve(values.out);
try {
  console.log(machineLine());
  const load = loadLine();
  if (load) console.log(load);
  const drawn = await drawScenes(join(out, "streets"));
  const rows: Cells[] = [["pictures", "", "s", "CPU s", "peak MB", "kB a picture", "found"]];
  for (const kind of values.kinds.split(",") as (keyof typeof kinds)[]) {
    const all = join(out, kind);
    await write(all, drawn, kinds[kind], Math.max(...counts));
    const bytes = (await stat(join(all, "images", `${nameOf(0)}.jpg`))).size;
    for (const count of counts) {
      const folder = join(out, `${kind}-${count}`);
      await part(all, folder, count);
      const { cells, findings } = await check(folder);
      rows.push([`${count}`, kind, ...cells, (bytes / 1000).toFixed(0), findings]);
      console.log(rows.at(-1)!.join("  "));
      await rm(folder, { recursive: true });
    }
    if (!values.keep) await rm(all, { recursive: true });
  }
  console.log(textTable(rows));
} finally {
  if (!values.keep && values.out === undefined) await rm(out, { recursive: true, force: true });
}
