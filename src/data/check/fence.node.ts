import { realpath } from "node:fs/promises";
import path from "node:path";
import { CorruptFileError } from "../../util/errors.ts";

/** Sees to it that what a description names lies in its own folder, links to folders followed. */
export class Fence {
  readonly #file: string;
  readonly #inside: Promise<string>;
  readonly #seen = new Map<string, Promise<string>>();

  /** @param file the description, whose folder is the limit. */
  constructor(file: string) {
    this.#file = file;
    this.#inside = realpath(path.dirname(path.resolve(file)));
  }

  /** Throws a CorruptFileError for a folder, or one that it would be in, outside. */
  async require(folder: string): Promise<void> {
    const [inside, place] = [await this.#inside, await this.#placeOf(folder)];
    if (place === inside || place.startsWith(inside.endsWith(path.sep) ? inside : inside + path.sep)) return;
    throw new CorruptFileError(`data: ${this.#file} names ${folder}, which is outside its folder`, {
      hint: "If you trust it, read it with --allow-outside (allowOutside: true).",
    });
  }

  #placeOf(folder: string): Promise<string> {
    const seen = this.#seen.get(folder);
    if (seen) return seen;
    // Of what is not there, where it would be.
    const place = realpath(folder).catch(() => path.resolve(folder));
    this.#seen.set(folder, place);
    return place;
  }
}
