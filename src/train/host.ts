import { encodeUtf8 } from "../util/utf8.ts";

/** What a file is written from: bytes, text, or pieces one after the other. */
export type Content = Uint8Array | string | readonly (Uint8Array | string)[];

/** Files, as far as training needs them: so that a Learner runs wherever there is a place for bytes. */
export interface Host {
  /** The bytes of a file. Throws a ConfigError when it cannot be read. */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Writes a file whole or not at all, and the folders it lies in. Throws a ResourceError when it cannot be written.
   */
  write(path: string, content: Content): Promise<void>;
  /** Adds bytes at the end of a file. Throws a ResourceError when they cannot be written: a part of them may be there. */
  append(path: string, bytes: Uint8Array): Promise<void>;
  /** Whether there is such a file. */
  exists(path: string): Promise<boolean>;
  /** Removes a file; one that is not there is no error. */
  remove(path: string): Promise<void>;
  /** Throws a ResourceError when no file can be written into a folder. */
  requireWritable(folder: string): Promise<void>;
  /** Draws an SVG picture as the bytes of a PNG; without it, plots are written as .svg only. */
  drawPng?(svg: string): Promise<Uint8Array>;
  /** Puts the font of its letters into an SVG picture; without it, the reader's fonts are used. */
  withFonts?(svg: string): Promise<string>;
}

/** The bytes of a content; text as UTF-8. */
export function bytesOf(content: Content): Uint8Array<ArrayBuffer> {
  const pieces = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
  const chunks = pieces.map((piece) => (typeof piece === "string" ? encodeUtf8(piece) : piece));
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Folder and file names as one path, with slashes. */
export function joinPath(...parts: readonly string[]): string {
  return parts
    .filter((part) => part !== "" && part !== ".")
    .join("/")
    .replaceAll(/\/{2,}/g, "/");
}
