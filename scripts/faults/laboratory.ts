import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeStreets } from "../../src/data/streets/write.node.ts";
import { type ChildOptions, type Ended, segkit } from "./child.ts";
import { differences, type RunState, stateOf } from "./run-state.ts";

/** A training of seconds that anything can be done to, and what it comes to when nothing is. */
export class Laboratory {
  /** Where all runs are; removed at the end. */
  readonly folder: string;
  /** How many processes a fault that strikes at random kills. */
  readonly kills: number;
  /** Of faults that strike at every write, every how manieth is tried. */
  readonly stride: number;
  /** What the run nothing happens to comes to, and the seconds it takes. */
  readonly whole: RunState;
  readonly seconds: number;
  #runs = 0;

  private constructor(folder: string, kills: number, stride: number, whole: RunState, seconds: number) {
    this.folder = folder;
    this.kills = kills;
    this.stride = stride;
    this.whole = whole;
    this.seconds = seconds;
  }

  /** Draws a dataset and trains on it once. */
  static async open({ kills, stride }: { readonly kills: number; readonly stride: number }): Promise<Laboratory> {
    const folder = await mkdtemp(join(tmpdir(), "segkit-faults-"));
    await drawData(folder);
    const ended = await segkit(trainArgs("whole"), { cwd: folder });
    if (ended.code !== 0) throw new Error(`the run nothing happens to ended with ${ended.code}: ${ended.stderr}`);
    return new Laboratory(folder, kills, stride, await stateOf(join(folder, "whole")), ended.seconds);
  }

  /** A name for another run. */
  name(): string {
    return `run-${this.#runs++}`;
  }

  /** The path of something in the folder. */
  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  /** `segkit train` into the run of that name, with more options. */
  train(run: string, options: Partial<ChildOptions> = {}, more: readonly string[] = []): Promise<Ended> {
    return segkit([...trainArgs(run), ...more], { cwd: this.folder, ...options });
  }

  /**
   * The same command again, with nothing happening to it.
   * @returns how its end differs from the run nothing happened to, in words.
   */
  async goesOn(run: string, more: readonly string[] = []): Promise<string[]> {
    const ended = await this.train(run, {}, more);
    if (ended.code !== 0) return [`it cannot be resumed: ${endOf(ended)}`];
    return this.same(run);
  }

  /** Says how far a fault is, and what was broken so far: some take an hour. */
  tell(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** How a finished run differs from the one nothing happened to, in words. */
  async same(run: string): Promise<string[]> {
    return differences(await stateOf(this.path(run)), this.whole);
  }

  /** A dataset of its own, which may be spoilt. */
  async data(name: string): Promise<string> {
    await drawData(this.folder, name);
    return this.path(name);
  }

  async remove(...names: readonly string[]): Promise<void> {
    for (const name of names) await rm(this.path(name), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

const size = { train: 8, valid: 2, height: 32, width: 48, seed: 1, threads: 0 };

async function drawData(folder: string, name = "data"): Promise<void> {
  await writeStreets(join(folder, name), size);
}

/** Four epochs of four batches, with checkpoints as often as may be, on one thread. A later option counts. */
function trainArgs(run: string): string[] {
  return [
    ...["train", "--data", "data", "--out", run, "--encoder", "mobilenetV3Large", "--size", "32x48", "--bs", "2"],
    ...["--epochs", "4", "--ema", "0.9", "--clip", "1", "--threads", "1", "--workers", "1", "--backend", "cpu"],
    ...["--save-every", "0.0005", "--no-report", "--json"],
  ];
}

/** How a process ended, in words. */
export function endOf({ code, signal, stderr }: Ended): string {
  return `${code ?? signal}, ${JSON.stringify(stderr.trim().slice(-600))}`;
}
