import { join } from "node:path";
import { z } from "zod";
import { CorruptFileError } from "../util/errors.ts";
import { writeWhole } from "../util/files.node.ts";
import { readText } from "../util/read-bounded.node.ts";

const schema = z.object({
  /** The model in words. */
  model: z.string(),
  /** SHA-256 of its file. */
  sha256: z.string(),
  /** Whether with test-time augmentation. */
  tta: z.boolean(),
});

/** What made the predictions of a folder: its predict.json. */
export type PredictionRecord = z.infer<typeof schema>;

const file = "predict.json";

export async function writeRecord(folder: string, record: PredictionRecord): Promise<void> {
  await writeWhole(join(folder, file), [`${JSON.stringify(record)}\n`]);
}

/** The record of a folder; null where there is none. Throws a CorruptFileError where it is damaged. */
export async function readRecord(folder: string): Promise<PredictionRecord | null> {
  const path = join(folder, file);
  try {
    const text = await readText(path).catch(() => null);
    return text === null ? null : schema.parse(JSON.parse(text));
  } catch (error) {
    throw new CorruptFileError(`${path} does not say what the predictions beside it were made with`, {
      hint: "Predict again without --resume, or choose another folder for --out.",
      cause: error,
    });
  }
}

export function sameModel(a: PredictionRecord, b: PredictionRecord): boolean {
  return a.sha256 === b.sha256 && a.tta === b.tta;
}

/** A record in words. */
export function modelText({ model, sha256, tta }: PredictionRecord): string {
  return `${model} (${sha256.slice(0, 8)})${tta ? " and --tta" : ""}`;
}
