import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rename, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { ConfigError, CorruptFileError, DataError, messageOf, ResourceError } from "../util/errors.ts";
import { maxPixels, type RgbImage, type Size, sizeText } from "./image.ts";

/** Extensions of the files that are read as videos. */
export const videoExtensions = [".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg"] as const;

/** Whether a file name ends like a video's, in any case. */
export function hasVideoExtension(file: string): boolean {
  return videoExtensions.some((extension) => file.toLowerCase().endsWith(extension));
}

/** Throws a ConfigError where the program ffmpeg, which reads and writes videos, cannot be run. */
export async function requireFfmpeg(video: string): Promise<void> {
  const child = spawn("ffmpeg", ["-version"], { stdio: "ignore" });
  await endOf(child).catch((error: unknown) => {
    throw new ConfigError(`${video} is a video, and ffmpeg, the program that reads videos, cannot be run here`, {
      hint: "Install ffmpeg, so that the command ffmpeg is found, or give the frames as pictures.",
      cause: error,
    });
  });
}

/** A video that can be read, and the size of its frames as they are shown. */
export interface Video extends Size {
  readonly file: string;
  /** Frames a second, as a fraction such as `30000/1001`. */
  readonly rate: string;
  /** About how many frames it has; null where its header does not say how long it is. */
  readonly frames: number | null;
}

const quiet = ["-nostdin", "-v", "error"];
/** A file may not make ffmpeg read others from the network. */
const from = (file: string): string[] => ["-protocol_whitelist", "file,pipe", "-i", `file:${file}`, "-map", "0:v:0"];

/**
 * What ffmpeg says of a video. Throws a CorruptFileError where it cannot be read, a DataError for frames of over 100
 * megapixels.
 */
export async function openVideo(file: string): Promise<Video> {
  // A YUV4MPEG2 stream begins with a line that has the size and the rate as fields W, H and F.
  const first = [...quiet, ...from(file), "-frames:v", "1", "-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", "-"];
  const child = spawn("ffmpeg", first, { stdio: ["ignore", "pipe", "pipe"] });
  const said = endOf(child);
  let head = "";
  for await (const chunk of child.stdout) if (head.length < 200) head += (chunk as Buffer).toString("latin1");
  const [, width, height, rate] = /^YUV4MPEG2 W(\d+) H(\d+) F(\d+:\d+)/.exec(head) ?? [];
  if (width === undefined || height === undefined || rate === undefined)
    throw unreadable(file, await said.then(() => "it holds no frames", messageOf));
  await said.catch(() => {});
  const size = { height: Number(height), width: Number(width) };
  if (size.height * size.width > maxPixels)
    throw new DataError(`video ${file} has frames of ${sizeText(size)}, over the limit of 100 megapixels`);
  const [frames = NaN, seconds = NaN] = rate.split(":").map(Number);
  const length = ((await secondsOf(file)) * frames) / seconds;
  return { file, ...size, rate: `${frames}/${seconds}`, frames: Number.isFinite(length) ? Math.round(length) : null };
}

/** How long a video is, by what ffmpeg says of a file that it is to do nothing with; NaN where it does not. */
async function secondsOf(file: string): Promise<number> {
  const child = spawn("ffmpeg", ["-hide_banner", "-nostdin", ...from(file).slice(0, -2)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  for await (const chunk of child.stderr) said += String(chunk);
  const [, hours, minutes, seconds] = /Duration: (\d+):(\d\d):(\d\d\.\d+)/.exec(said) ?? [];
  return 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds);
}

/** The frames of a video, one after the other, as 8-bit RGB. Throws a CorruptFileError where it is damaged. */
export async function* framesOf({ file, height, width }: Video): AsyncGenerator<RgbImage, void, void> {
  const all = [...quiet, ...from(file), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
  const child = spawn("ffmpeg", all, { stdio: ["ignore", "pipe", "pipe"] });
  const said = endOf(child);
  said.catch(() => {});
  let data = new Uint8Array(3 * height * width);
  let filled = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>)
      for (let at = 0; at < chunk.length;) {
        const part = chunk.subarray(at, at + data.length - filled);
        data.set(part, filled);
        at += part.length;
        filled += part.length;
        if (filled < data.length) continue;
        yield { data, height, width };
        data = new Uint8Array(data.length);
        filled = 0;
      }
    await said.catch((error: unknown) => {
      throw unreadable(file, messageOf(error));
    });
    if (filled > 0) throw unreadable(file, "its last frame is not whole");
  } finally {
    child.kill("SIGKILL");
  }
}

/** Writes pictures of one size as an MP4 video, which appears when it is finished, or not at all. */
export class VideoWriter {
  readonly #file: string;
  readonly #temporary: string;
  readonly #child: ChildProcess;
  readonly #end: Promise<void>;

  constructor(file: string, { height, width, rate }: Pick<Video, "height" | "width" | "rate">) {
    this.#file = file;
    this.#temporary = `${file}.${randomUUID().slice(0, 8)}.tmp`;
    const raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", `${width}x${height}`, "-r", rate, "-i", "-"];
    // The pixel format that players know has colours for pairs of rows and columns.
    const mp4 = ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-f", "mp4"];
    this.#child = spawn("ffmpeg", ["-v", "error", ...raw, ...mp4, "-y", `file:${this.#temporary}`], {
      stdio: ["pipe", "ignore", "pipe"],
    });
    this.#end = endOf(this.#child);
    this.#end.catch(() => {});
    // What went wrong is said when it ends.
    this.#child.stdin!.on("error", () => {});
  }

  /** Adds a picture. Throws a ResourceError where the video cannot be written. */
  async write({ data }: RgbImage): Promise<void> {
    const stdin = this.#child.stdin!;
    if (!stdin.writable) return this.finish();
    if (!stdin.write(data)) await Promise.race([once(stdin, "drain"), this.#end]).catch(() => {});
  }

  /** Ends the video and gives it its name. Throws a ResourceError where it cannot be written. */
  async finish(): Promise<void> {
    try {
      this.#child.stdin!.end();
      await this.#end;
      await rename(this.#temporary, this.#file);
    } catch (error) {
      await this.abandon();
      throw new ResourceError(`${this.#file}: cannot be written: ${messageOf(error)}`, {
        hint: "Free some disk space, or use an ffmpeg that can write MP4.",
        cause: error,
      });
    }
  }

  /** Ends it without leaving anything. */
  async abandon(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#end.catch(() => {});
    await rm(this.#temporary, { force: true });
  }
}

/** Waits for a process; throws what it said last on standard error where it fails. */
async function endOf(child: ChildProcess): Promise<void> {
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said = `${said}${text}`.slice(-2000)));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(said.trim().split("\n").at(-1) || `ffmpeg ended with code ${code}`);
}

function unreadable(file: string, reason: string): CorruptFileError {
  return new CorruptFileError(`video ${file} cannot be read: ${reason}`, {
    hint: "Copy the file again from its source, or convert it to MP4.",
  });
}
