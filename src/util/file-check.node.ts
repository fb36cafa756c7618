import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { ConfigError } from "./errors.ts";

/** What is known of a file's contents; whatever is left out is not checked. */
export interface FileCheck {
  /** Length in bytes. */
  readonly bytes?: number;
  /** SHA-256 of the whole file as hex digits, or the first of them (8 at least), as file names of torchvision carry. */
  readonly sha256?: string;
  /** MD5 of the first MiB as 32 hex digits, as fastai's table has it. */
  readonly md5Head?: string;
}

const headBytes = 2 ** 20;

/**
 * How a file differs from what is known of it, as "expected … , but found …"; null where it does not.
 * @throws ConfigError for digits that are no hash; the errors of reading the file.
 */
export async function differenceFrom(file: string, check: FileCheck): Promise<string | null> {
  requireHashes(check);
  const { size } = await stat(file);
  if (check.bytes !== undefined && size !== check.bytes) return `expected ${check.bytes} bytes, but found ${size}`;
  if (check.md5Head !== undefined) {
    const found = await md5OfHead(file);
    if (found !== check.md5Head.toLowerCase())
      return `expected ${check.md5Head} as MD5 of its first MiB, but found ${found}`;
  }
  if (check.sha256 === undefined) return null;
  const found = (await hashOf(file, "sha256", Infinity)).slice(0, check.sha256.length);
  return found === check.sha256.toLowerCase() ? null : `expected SHA-256 ${check.sha256}, but found ${found}`;
}

/** MD5 of a file's first MiB, as hex digits. */
export async function md5OfHead(file: string): Promise<string> {
  return hashOf(file, "md5", headBytes);
}

/** SHA-256 of a whole file, as hex digits. */
export async function sha256Of(file: string): Promise<string> {
  return hashOf(file, "sha256", Infinity);
}

async function hashOf(file: string, algorithm: string, length: number): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file, { end: length - 1, highWaterMark: headBytes }))
    hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

function requireHashes({ sha256, md5Head }: FileCheck): void {
  if (sha256 !== undefined && !/^[0-9a-f]{8,64}$/i.test(sha256))
    throw new ConfigError(`check: expected 8 to 64 hex digits of a SHA-256, but received ${JSON.stringify(sha256)}`);
  if (md5Head !== undefined && !/^[0-9a-f]{32}$/i.test(md5Head))
    throw new ConfigError(`check: expected the 32 hex digits of an MD5, but received ${JSON.stringify(md5Head)}`);
}
