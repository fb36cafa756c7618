import { decodeUtf8 } from "../../util/utf8.ts";
import type { Callback, CallbackLearner, EpochResult, FitState } from "../callback.ts";
import { type Host, joinPath } from "../host.ts";
import { resultColumns, resultRow } from "../results.ts";

export interface CsvLoggerOptions {
  /** File name without ".csv", in the learner's folder; default "history". */
  readonly filename?: string;
  /** Whether to go on after the lines that are there; default false. */
  readonly append?: boolean;
}

/**
 * Writes a line of losses and metrics after every epoch, as comma-separated values (fastai's CSVLogger, fastai-spec
 * §5.10).
 * @example await learner.fitOneCycle(4, slice(1e-3), { callbacks: [new CsvLogger({ filename: "log" })] });
 */
export class CsvLogger implements Callback {
  readonly #options: Required<CsvLoggerOptions>;
  #file: { readonly host: Host; readonly path: string } | undefined;
  #text = "";

  /** A log in the learner's folder, by default `history.csv`. */
  constructor({ filename = "history", append = false }: CsvLoggerOptions = {}) {
    this.#options = { filename, append };
  }

  /** Writes the heading, so that a folder that cannot be written is known before the first batch. */
  async fitStart({ history }: FitState, { files, metrics }: CallbackLearner): Promise<void> {
    const { host } = files;
    const path = joinPath(files.path, `${this.#options.filename}.csv`);
    this.#file = { host, path };
    const before = this.#options.append && (await host.exists(path)) ? decodeUtf8(await host.read(path)) : "";
    this.#text = before === "" ? line(resultColumns(metrics.map(({ title }) => title))) : before;
    if (!this.#options.append) this.#text += history.map((result) => line(resultRow(result))).join("");
    await host.write(path, this.#text);
  }

  async epochEnd(_: FitState, result: EpochResult): Promise<void> {
    this.#text += line(resultRow(result));
    await this.#file?.host.write(this.#file.path, this.#text);
  }
}

function line(cells: readonly string[]): string {
  return `${cells.join(",")}\n`;
}
