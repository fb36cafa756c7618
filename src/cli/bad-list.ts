import { BadPictures } from "../data/bad-pictures.ts";
import type { RunFolder } from "../train/run-folder.node.ts";
import { messageOf } from "../util/errors.ts";
import { Background } from "../util/background.ts";
import type { Output } from "./output.ts";
import type { TrainOptions } from "./train-options.ts";

/** The pictures that a run leaves out, told as they are found and kept in its folder's bad.csv. */
export class BadList {
  readonly pictures: BadPictures;
  readonly #output: Output;
  readonly #background = new Background();
  #run: RunFolder | undefined;
  #changed = true;

  private constructor(pictures: BadPictures, output: Output) {
    this.pictures = pictures;
    this.#output = output;
    pictures.onFound = (picture) => {
      output.note(`warning: left out: ${picture.reason}`);
      output.event("bad", { ...picture });
      this.#changed = true;
      this.#write();
    };
  }

  /**
   * The list of `--on-bad skip`, with what an earlier part of the run has found; undefined where a bad picture is an error.
   * @param total the pictures of the dataset.
   */
  static async open(
    { onBad, maxBad }: Partial<Pick<TrainOptions, "onBad" | "maxBad">>,
    total: number,
    run: RunFolder | undefined,
    output: Output,
  ): Promise<BadList | undefined> {
    if (onBad !== "skip") return undefined;
    const known = (await run?.readBad()) ?? [];
    const hint = "They are listed in bad.csv of the run. Mend them, or allow more with --max-bad.";
    return new BadList(new BadPictures({ most: maxBad ?? Math.max(Math.floor(total / 20), 1), known, hint }), output);
  }

  /** Keeps the list in a run's folder from now on. */
  keepIn(run: RunFolder): void {
    this.#run = run;
    this.#write();
  }

  /** Waits until all of it is written. */
  settled(): Promise<void> {
    return this.#background.settled();
  }

  /** Writes what there is, and what is found meanwhile. */
  #write(): void {
    const run = this.#run;
    if (!run || this.#background.busy) return;
    this.#background.begin(async () => {
      try {
        while (this.#changed && this.pictures.list.length > 0) {
          this.#changed = false;
          await run.writeBad(this.pictures.list);
        }
      } catch (error) {
        this.#output.note(`warning: ${messageOf(error)}`);
      }
    });
  }
}
