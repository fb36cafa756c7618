import type * as nodeFs from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { tempFolder } from "./dataset.ts";

/** A video that only the program of `fakeFfmpeg` reads. */
export interface FakeVideo {
  readonly height: number;
  readonly width: number;
  readonly frames: number;
  /** Bytes that its last frame lacks. */
  readonly cut?: number;
}

/** Writes a video whose frame i has pixels of value 10 · i. */
export async function writeFakeVideo(file: string, video: FakeVideo): Promise<void> {
  await writeFile(file, JSON.stringify(video));
}

/**
 * Makes a program that stands for ffmpeg as far as segkit calls it: it reads fake videos, and writes as a video the text
 * "video SIZE at RATE, BYTES bytes". Gives a PATH on which it is found.
 */
export async function fakeFfmpeg(): Promise<string> {
  const folder = await tempFolder();
  await writeFile(join(folder, "ffmpeg"), `#!${process.execPath}\n(${program.toString()})(require("node:fs"));\n`);
  await chmod(join(folder, "ffmpeg"), 0o755);
  return [folder, process.env.PATH].join(delimiter);
}

/** Its source; it must stand alone. */
function program(fs: typeof nodeFs): void {
  const args = process.argv.slice(2);
  const after = (name: string): string => args[args.indexOf(name) + 1] ?? "";
  const fail = (text: string): never => {
    process.stderr.write(`${text}\n`);
    process.exit(1);
  };
  if (args[0] === "-version") return;
  if (after("-i") === "-") {
    let bytes = 0;
    process.stdin.on("data", (chunk: Uint8Array) => (bytes += chunk.length));
    process.stdin.on("end", () => {
      const file = args.at(-1)!.replace("file:", "");
      fs.writeFileSync(file, `video ${after("-s")} at ${after("-r")}, ${bytes} bytes`);
    });
    return;
  }
  const text = fs.readFileSync(after("-i").replace("file:", ""), "utf8");
  if (!text.startsWith("{")) fail("moov atom not found");
  const { height, width, frames, cut = 0 } = JSON.parse(text) as FakeVideo;
  if (args.includes("yuv4mpegpipe"))
    process.stdout.write(`YUV4MPEG2 W${width} H${height} F30000:1001 Ip A1:1\nFRAME\n`);
  else if (!args.includes("rawvideo"))
    fail(`  Duration: 00:00:${((frames * 1001) / 30000).toFixed(2).padStart(5, "0")}, start: 0`);
  else
    for (let i = 0; i < frames; i++)
      process.stdout.write(new Uint8Array(3 * height * width - (i === frames - 1 ? cut : 0)).fill(10 * i));
}
