import { appendFile, readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { ModelCard } from "../inference/card.ts";
import { readWeights, writeWeights } from "../inference/weights.node.ts";
import { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "../nn/safetensors.ts";
import type { StateDict } from "../nn/state.ts";
import { ConfigError, CorruptFileError, messageOf } from "../util/errors.ts";
import { makeFolder, writeWhole } from "../util/files.node.ts";
import type { EpochResult } from "./callback.ts";
import type { OptimizerState } from "./engine.ts";
import type { FitPosition } from "./learner.ts";

/** Which weights of a run: those of the best epoch, or the newest. */
export type WeightsName = "best" | "last";

const epochSchema = z.object({
  epoch: z.int().min(0),
  trainLoss: z.number(),
  seconds: z.number(),
  validation: z.object({
    loss: z.number(),
    confusion: z.object({ classes: z.int().positive(), counts: z.array(z.number()) }),
    metrics: z.record(z.string(), z.number().or(z.null())),
  }),
});

const positionSchema = z.object({
  phase: z.int().min(0),
  rows: z.array(z.array(z.string())),
  step: z.int().min(0),
  epoch: z.int().min(0),
  batch: z.int().min(0),
  smoothLoss: z.object({ average: z.number(), count: z.int().min(0) }),
  history: z.array(epochSchema),
});

/** What it takes, beside the last weights, to continue a run. */
export interface Checkpoint {
  /** Which of the run's fits is under way, counted from 0. */
  readonly phase: number;
  /** The rows of results.csv so far. */
  readonly rows: readonly (readonly string[])[];
  readonly position: FitPosition;
  readonly optimizer: OptimizerState;
}

/** The folder of one training run: resolved arguments, weights, results and pictures. */
export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder; throws a ResourceError when it cannot be written. */
  async create(): Promise<void> {
    await makeFolder(this.file("weights"));
  }

  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  weightsFile(name: WeightsName): string {
    return this.file("weights", `${name}.safetensors`);
  }

  /** Whether a run was begun here. */
  async exists(): Promise<boolean> {
    return (await stat(this.file("args.yaml")).catch(() => null)) !== null;
  }

  /** Whether an interrupted run can be continued here. */
  async canResume(): Promise<boolean> {
    return (await stat(this.file("checkpoint.safetensors")).catch(() => null)) !== null;
  }

  async writeArguments(args: Readonly<Record<string, unknown>>): Promise<void> {
    await writeWhole(this.file("args.yaml"), [stringify(args)]);
  }

  /** The arguments the run was started with; throws a ConfigError when there is no run here. */
  async readArguments(): Promise<Record<string, unknown>> {
    const text = await readFile(this.file("args.yaml"), "utf8").catch((error: unknown) => {
      throw new ConfigError(`${this.path} is not a run folder: it has no args.yaml`, {
        hint: "Give a folder that segkit train made, such as runs/train/streets.",
        cause: error,
      });
    });
    try {
      return z.record(z.string(), z.unknown()).parse(parse(text));
    } catch (error) {
      throw new CorruptFileError(`${this.file("args.yaml")}: ${messageOf(error)}`, { cause: error });
    }
  }

  async writeWeights(name: WeightsName, state: StateDict, card: ModelCard): Promise<void> {
    await writeWeights(this.weightsFile(name), state, card);
  }

  async readWeights(name: WeightsName): Promise<{ state: StateDict; card: ModelCard }> {
    return readWeights(this.weightsFile(name));
  }

  /** Starts results.csv anew: the columns and the epochs so far. */
  async startResults(columns: readonly string[], rows: readonly (readonly string[])[]): Promise<void> {
    await writeWhole(this.file("results.csv"), [[columns, ...rows].map((row) => `${row.join(",")}\n`).join("")]);
  }

  async appendResult(row: readonly string[]): Promise<void> {
    await appendFile(this.file("results.csv"), `${row.join(",")}\n`);
  }

  /** Writes what it takes, beside the last weights, to continue. */
  async writeCheckpoint({ phase, rows, position, optimizer: { step, slots } }: Checkpoint): Promise<void> {
    const tensors = new Map<string, StoredTensor>();
    for (const [parameter, slot] of Object.entries(slots))
      for (const [name, data] of Object.entries(slot))
        tensors.set(`${name}:${parameter}`, {
          dtype: "F32",
          shape: [data.length],
          data: data as Float32Array<ArrayBuffer>,
        });
    const stored: z.infer<typeof positionSchema> = {
      ...{ phase, rows: rows.map((row) => [...row]) },
      ...{ step, epoch: position.epoch, batch: position.batch, smoothLoss: position.smoothLoss },
      history: position.history.map(storeEpoch),
    };
    await writeWhole(
      this.file("checkpoint.safetensors"),
      encodeSafetensors(tensors, { position: JSON.stringify(stored) }),
    );
  }

  /** What `writeCheckpoint` wrote; throws a CorruptFileError when the file is damaged. */
  async readCheckpoint(): Promise<Checkpoint> {
    const file = this.file("checkpoint.safetensors");
    const { tensors, metadata } = decodeSafetensors(await readFile(file));
    const slots: Record<string, Record<string, Float32Array>> = {};
    for (const [key, { data }] of tensors) {
      const [slot, parameter] = [key.slice(0, key.indexOf(":")), key.slice(key.indexOf(":") + 1)];
      (slots[parameter] ??= {})[slot] = data as Float32Array;
    }
    try {
      const { phase, rows, step, history, ...position } = positionSchema.parse(JSON.parse(metadata.position ?? "null"));
      return { phase, rows, position: { ...position, history: history.map(restoreEpoch) }, optimizer: { step, slots } };
    } catch (error) {
      throw new CorruptFileError(`${file}: its description of the position is damaged`, { cause: error });
    }
  }
}

function storeEpoch({ epoch, trainLoss, seconds, validation }: EpochResult): z.infer<typeof epochSchema> {
  const { loss, confusion, metrics } = validation;
  const counts = [...confusion.counts];
  return {
    epoch,
    trainLoss,
    seconds,
    validation: { loss, metrics, confusion: { classes: confusion.classes, counts } },
  };
}

function restoreEpoch({ validation, ...rest }: z.infer<typeof epochSchema>): EpochResult {
  const confusion = new ConfusionMatrix(validation.confusion.classes);
  confusion.counts.set(validation.confusion.counts);
  // JSON has no NaN: a metric that no pixel counted for is stored as null.
  const metrics = Object.fromEntries(Object.entries(validation.metrics).map(([title, value]) => [title, value ?? NaN]));
  return { ...rest, validation: { loss: validation.loss, confusion, metrics } };
}

/** The first folder of `parent` named `name`, `name-2`, `name-3` … that is not there yet. */
export async function freshFolder(parent: string, name: string): Promise<string> {
  const taken = new Set(await readdir(parent).catch(() => []));
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? name : `${name}-${i}`;
    if (!taken.has(candidate)) return join(parent, candidate);
  }
}
