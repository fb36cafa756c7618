import { join } from "node:path";
import { z } from "zod";
import { CorruptFileError } from "../util/errors.ts";
import { writeWhole } from "../util/files.node.ts";
import { readText } from "../util/read-bounded.node.ts";
import { parseJson } from "../util/parse-json.ts";

const schema = z.object({
  /** The model in words. */
  model: z.string(),
  /** SHA-256 of its file; of several, joined by +. */
  sha256: z.string(),
  /** Whether with test-time augmentation. */
  tta: z.boolean(),
  /** The windows in words, such as `512×512, overlap 0.5`; not there without windows. */
  window: z.string().optional(),
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
    return text === null ? null : schema.parse(parseJson(text));
  } catch (error) {
    throw new CorruptFileError(`${path} does not say what the predictions beside it were made with`, {
      hint: "Predict again without --resume, or choose another folder for --out.",
      cause: error,
    });
  }
}

export function sameModel(a: PredictionRecord, b: PredictionRecord): boolean {
  return a.sha256 === b.sha256 && a.tta === b.tta && a.window === b.window;
}

/** A record in words. */
export function modelText({ model, sha256, tta, window }: PredictionRecord): string {
  const windows = window === undefined ? "" : ` and windows of ${window}`;
  return `${model} (${sha256.slice(0, 8)})${tta ? " and --tta" : ""}${windows}`;
}
