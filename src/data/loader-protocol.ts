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
  readonly indices: readonly number[];
}

/** A batch to make; `id` names the answer. */
export interface BatchTask extends BatchRequest {
  readonly id: number;
}

/** What the loader tells a worker: a batch to make, or a task whose result nobody waits for any more. */
export type WorkerRequest = BatchTask | { readonly cancel: number };

/** What a worker answers to every task, cancelled or not. */
export type WorkerResult =
  | { readonly id: number; readonly batch: Batch }
  | { readonly id: number; readonly error: ErrorRecord };
