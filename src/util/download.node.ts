import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError, CorruptFileError, ResourceError } from "./errors.ts";
import { differenceFrom, type FileCheck } from "./file-check.node.ts";
import { withFileLock } from "./file-lock.node.ts";
import { makeFolder } from "./files.node.ts";
import { ask, ConnectionLost, type Request, transfer } from "./http.node.ts";
import { PartFile } from "./part-file.node.ts";

/** How a file is downloaded and checked, and who is told. */
export interface DownloadOptions {
  /** What is known of the file. */
  readonly check?: FileCheck;
  /** Downloads a file anew that is there already. */
  readonly force?: boolean;
  /** Told the bytes that are there and those of the whole file, where the server says so. */
  readonly onProgress?: (done: number, total: number | undefined) => void;
  /** Told why the connection is made anew, and in how many seconds. */
  readonly onRetry?: (reason: string, seconds: number) => void;
  /** Ends the download by throwing the signal's reason; what has come is kept. */
  readonly signal?: AbortSignal;
  /** Longest file accepted, in bytes; 16 GiB where neither this nor `check.bytes` says it. */
  readonly maxBytes?: number;
  /** Times that a lost connection is made anew without a MiB of progress in between; 5 where left out. */
  readonly retries?: number;
  /** Milliseconds before the first of them, doubled for every further one up to 16 times; 500 where left out. */
  readonly backoff?: number;
  /** Milliseconds without a byte after which a connection counts as lost; 20,000 where left out. */
  readonly stall?: number;
}

const mebibyte = 2 ** 20;

/**
 * Downloads `url` (http or https) to `file`, which appears whole and checked or not at all. What has come of an
 * interrupted download stays in `<file>.part`, and the next one asks only for the rest. A file that is there and passes
 * the check is left as it is. Several processes may ask for the same file: one downloads, the others wait for it.
 * @throws CorruptFileError, with expected and found, where the file is not what `check` says: nothing of it is kept;
 * ResourceError where the server cannot be reached, refuses, or the disk is full; ConfigError for another kind of
 * address.
 * @example await download("https://example.com/weights.pth", "weights.pth", { check: { bytes: 87_319_819 } });
 */
export async function download(url: string, file: string, options: DownloadOptions = {}): Promise<void> {
  const target = resolve(file);
  const address = requireAddress(url);
  const isThere = async (): Promise<boolean> => options.force !== true && (await holds(target, options.check));
  if (await isThere()) return;
  await makeFolder(dirname(target));
  const work = async (): Promise<void> => {
    if (!(await isThere())) await downloadAlone(address, target, options);
  };
  await withFileLock(target, work, options.signal ? { signal: options.signal } : {});
}

function requireAddress(url: string): string {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address === undefined || !["http:", "https:"].includes(address.protocol))
    throw new ConfigError(`download: expected an http or https address, but received ${JSON.stringify(url)}`);
  if (address.username !== "" || address.password !== "")
    throw new ConfigError(`download: expected an address without user name and password for ${address.host}`, {
      hint: "Download the file with another program, and give its path.",
    });
  return address.href;
}

async function holds(file: string, check: FileCheck | undefined): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  return found?.isFile() === true && (check === undefined || (await differenceFrom(file, check)) === null);
}

async function downloadAlone(url: string, target: string, options: DownloadOptions): Promise<void> {
  for (;;) {
    const part = await PartFile.open(`${target}.part`, url);
    const continued = part.length > 0;
    try {
      await fill(part, target, options);
      const difference = options.check ? await differenceFrom(part.path, options.check) : null;
      if (difference === null) return await part.finish(target);
      await part.remove();
      // The beginning may be that of an older file.
      if (!continued) throw wrongFile(url, difference, target);
    } finally {
      await part.close();
    }
  }
}

/** Transfers what is missing of a part, over as many connections as that takes. */
async function fill(part: PartFile, target: string, options: DownloadOptions): Promise<void> {
  const { signal, retries = 5, backoff = 500, stall = 20_000, check, maxBytes } = options;
  const limit = maxBytes ?? check?.bytes ?? 16 * 1024 * mebibyte;
  const request: Request = { signal, stall, bytes: check?.bytes, limit, onProgress: options.onProgress };
  for (let failures = 0, before = part.length; ; before = part.length) {
    try {
      const answer = await ask(part, request);
      return answer && (await transfer(answer, part, request));
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof CorruptFileError) await part.remove();
      if (!(error instanceof ConnectionLost)) throw withAdvice(error, part, target);
      failures = part.length - before >= mebibyte ? 1 : failures + 1;
      if (failures > retries) throw gaveUp(error, part, target, failures);
      const wait = Math.max(backoff * Math.min(2 ** (failures - 1), 16), error.retryAfter);
      options.onRetry?.(error.message, wait / 1000);
      await sleep(wait, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
    }
  }
}

function wrongFile(url: string, difference: string, target: string): CorruptFileError {
  return new CorruptFileError(`${url}: ${difference}`, {
    hint: `The file at that address has changed, or came damaged; it was not kept. Try again, or get the right one elsewhere and save it as ${target}.`,
  });
}

function gaveUp(error: ConnectionLost, part: PartFile, target: string, failures: number): ResourceError {
  const { url, total } = part.source;
  const far = part.length === 0 ? "" : `, with ${part.length} of ${total ?? "unknown"} bytes there`;
  return new ResourceError(`${url}: ${error.message} (tried ${failures} times${far})`, {
    hint: advice(part, target),
    cause: error,
  });
}

/** The error of a server that refuses, with what can be done about it. */
function withAdvice(error: unknown, part: PartFile, target: string): unknown {
  if (!(error instanceof ResourceError) || error.hint !== undefined) return error;
  return new ResourceError(error.message, { hint: advice(part, target), cause: error.cause });
}

function advice({ length, source }: PartFile, target: string): string {
  const again = length === 0 ? "Try again later" : "Try again: only the rest will be asked for";
  return `${again}. Or download ${source.url} with another program and save it as ${target}.`;
}
