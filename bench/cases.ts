// What is measured. A case is one line here; everything else follows.
import type { Problem } from "./problem.ts";

/**
 * What a turn is: a training step, a prediction, files read, predicted and written, a process up to the end of its first
 * step, or batches of pictures.
 */
export type Kind = "train" | "infer" | "stream" | "start" | "pipeline";

export interface Case extends Problem {
  readonly kind: Kind;
  readonly title: string;
  /** Small enough for every participant: the slow ones run here only. */
  readonly small?: true;
  /** Not of the table, but asked for: all take part. */
  readonly own?: true;
}

const resnet34 = { encoder: "resnet34", classes: 12 } as const;

/** The cases by name, in the order they run. */
export const cases = {
  "train-small": { ...resnet34, kind: "train", batch: 2, size: [32, 32], small: true, title: "training step, small" },
  "train-192x256": { ...resnet34, kind: "train", batch: 4, size: [192, 256], title: "training step" },
  "train-96x128": { ...resnet34, kind: "train", batch: 8, size: [96, 128], title: "training step" },
  "train-360x480": { ...resnet34, kind: "train", batch: 2, size: [360, 480], title: "training step" },
  "train-resnet18": {
    ...{ kind: "train", encoder: "resnet18", classes: 12, batch: 4, size: [192, 256] },
    title: "training step",
  },
  "infer-small": { ...resnet34, kind: "infer", batch: 1, size: [64, 64], small: true, title: "prediction, small" },
  "infer-360x480": { ...resnet34, kind: "infer", batch: 1, size: [360, 480], title: "prediction" },
  "infer-720x960": { ...resnet34, kind: "infer", batch: 1, size: [720, 960], title: "prediction" },
  "stream-360x480": {
    ...resnet34,
    kind: "stream",
    batch: 1,
    size: [360, 480],
    title: "pictures from JPEG to PNG masks",
  },
  pipeline: { ...resnet34, kind: "pipeline", batch: 8, size: [360, 480], title: "decoding and all transforms" },
  start: { ...resnet34, kind: "start", batch: 4, size: [96, 128], title: "command to the end of the first step" },
} as const satisfies Record<string, Case>;

export type CaseName = keyof typeof cases;

/** The cases whose names begin with one of these words. Throws for a word that begins none. */
export function casesNamed(words: readonly string[]): [name: string, found: Case][] {
  const all = Object.entries<Case>(cases);
  if (words.length === 0) return all;
  const stray = words.find((word) => !all.some(([name]) => name.startsWith(word)));
  if (stray !== undefined)
    throw new Error(`bench: no case begins with "${stray}"; there are ${Object.keys(cases).join(", ")}`);
  return all.filter(([name]) => words.some((word) => name.startsWith(word)));
}

/** One line about a case. */
export function caseLine({ title, encoder, batch, size }: Case): string {
  return `${title}: ${encoder} U-Net, batch ${batch}, ${size.join("×")}`;
}
