import { z } from "zod";
import { parseJson } from "../util/parse-json.ts";

const numbers = z.array(z.number());

const schema = z.object({
  format: z.literal(1),
  /** When the run was begun, in ISO 8601. */
  started: z.string(),
  /** Of segkit and what it computes with, by name. */
  versions: z.record(z.string(), z.string()),
  machine: z.object({
    system: z.string(),
    processor: z.string(),
    cores: z.number(),
    /** In bytes. */
    memory: z.number(),
    /** What the network ran on. */
    engine: z.string(),
  }),
  data: z.object({
    train: z.number(),
    valid: z.number(),
    /** Of every picture and mask, and of the lists: see `hashDataset`. */
    hash: z.string(),
    split: z.string(),
  }),
  /** The weights it began with, in words. */
  weights: z.string(),
  /** The search of `--lr auto`. */
  search: z.object({ lrs: numbers, losses: numbers, suggestions: z.record(z.string(), z.number()) }).optional(),
  /** Smoothed loss, learning rate of the last layer group and momentum after some batches, counted through the run. */
  steps: z.object({ batch: numbers, loss: numbers, lr: numbers, momentum: numbers }),
  /** Batches, pictures and seconds of every epoch, validation included. */
  epochs: z.array(z.object({ epoch: z.number(), batches: z.number(), pictures: z.number(), seconds: z.number() })),
});

/** What a run folder's run.json tells beside args.yaml and results.csv: what it was trained on, and every step. */
export type RunRecord = z.infer<typeof schema>;

/** The steps of a run worth drawing. */
export type RecordedSteps = RunRecord["steps"];

/** The record of a text; null for a text that is none, for nothing of a run depends on it. */
export function decodeRecord(text: string): RunRecord | null {
  try {
    return schema.parse(parseJson(text));
  } catch {
    return null;
  }
}
