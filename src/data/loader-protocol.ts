import type { BadPicture } from "./bad-pictures.ts";
import type { Batch } from "./batch.ts";
import type { Picture, ReadOptions } from "./dataset.ts";
import type { ErrorRecord } from "../util/error-record.ts";
import type { SampleSpec } from "./transforms/sample.ts";

/** What every batch of a loader has in common. */
export interface BatchSource {
  readonly items: readonly Picture[];
  /** How their files are read. */
  readonly read: ReadOptions;
  readonly spec: SampleSpec;
  readonly seed: number;
  /** Ids in masks must be below it, or the `ignoreIndex` of the mask options. */
  readonly classes: number;
  /** Whether SIMD code samples pictures where the platform has it. */
  readonly simd: boolean;
}

/** Which samples to put into a batch: positions in the items, and the epoch whose random numbers they use. */
export interface BatchRequest {
  readonly epoch: number;
  /** Null is the place of a picture that is known to be bad. */
  readonly indices: readonly (number | null)[];
  /** What takes the places of pictures that cannot be read, as far as it goes. Where left out, one of them is an error. */
  readonly spares?: readonly number[];
}

/** What became of a request: a batch, and the pictures that could not be read, which are not in it. */
export interface LoadedBatch {
  readonly batch: Batch;
  readonly bad: readonly BadPicture[];
}

/** A batch to make; `id` names the answer. */
export interface BatchTask extends BatchRequest {
  readonly id: number;
}

/** What the loader tells a worker: a batch to make, or a task whose result nobody waits for any more. */
export type WorkerRequest = BatchTask | { readonly cancel: number };

/** What a worker answers to every task, cancelled or not. */
export type WorkerResult =
  | ({ readonly id: number } & LoadedBatch)
  | { readonly id: number; readonly error: ErrorRecord };
