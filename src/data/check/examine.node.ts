import { weightsFrom } from "../../losses/class-weights.ts";
import { ignoredId } from "../mask-options.ts";
import { type ClassReport, ClassTally } from "./class-tally.ts";
import type { Inspection } from "./facts.ts";
import { type Finding, type Found, gatherFindings } from "./findings.ts";
import { inspectAll } from "./inspect-all.node.ts";
import type { CheckedSource, Side } from "./pairs.ts";
import { countSizes, type SizeCount, sizeFindings } from "./sizes.ts";
import { type ReadPair, splitFindings } from "./split-findings.ts";

export interface ExamineOptions {
  /** Threads that read; one a core, at most 8, where left out. */
  readonly workers?: number;
  /** Ends the check by throwing the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told how many pictures of how many are read, then how many are compared with those of other lists, and which of it. */
  readonly onProgress?: (done: number, total: number, what: "reading" | "comparing") => void;
}

/** All that a check found out: plain data. */
export interface DataReport {
  /** Where the data are, as given. */
  readonly name: string;
  /** Pictures in each list. */
  readonly pictures: Readonly<Record<Side, number>>;
  /** What is wrong or unusual, the gravest first. */
  readonly findings: readonly Finding[];
  /** What should be known about how the pictures were split, one sentence each. */
  readonly notes: readonly string[];
  /** What the masks hold of each class. */
  readonly classes: readonly ClassReport[];
  /** The sizes of pictures that can be read, the most frequent first. */
  readonly sizes: readonly SizeCount[];
  /** A weight for each class against their imbalance (median frequency); null where no pixel is labelled. */
  readonly classWeights: readonly number[] | null;
}

/**
 * Reads every picture and mask of a source, and compares the pictures with each other. Memory grows by about one kilobyte
 * a picture. Throws a ResourceError when a thread dies, and the signal's reason.
 */
export async function examine(source: CheckedSource, options: ExamineOptions = {}): Promise<DataReport> {
  const { pairs, classes, voidIndex, masks } = source;
  const { onProgress, ...rest } = options;
  const ignored = classes && ignoredId(masks, classes.length);
  const tally = new ClassTally({ classes, voidIndex, ignored });
  const faults: (readonly Found[])[] = [];
  const read: ReadPair[] = [];
  let done = 0;
  const take = (i: number, { found, image, mask }: Inspection): void => {
    const pair = pairs[i]!;
    faults[i] = found;
    read[i] = { ...pair, imageFacts: image, maskContent: mask?.content ?? null };
    if (mask && pair.mask) tally.add(pair.side, pair.mask, mask);
    onProgress?.(++done, pairs.length, "reading");
  };
  await inspectAll(pairs, take, { ...rest, ...(masks ? { masks } : {}) });
  const sound = read.flatMap(({ image, imageFacts }) => (imageFacts ? [{ ...imageFacts, name: image.name }] : []));
  const names = sound.map(({ name }) => name);
  const pictures = countSides(source);
  const compared = (n: number, total: number): void => onProgress?.(n, total, "comparing");
  const findings = gatherFindings([
    ...source.found,
    ...faults.flat(),
    ...tally.maskFindings(),
    ...tally.classFindings(pictures),
    ...(await splitFindings(read, { onProgress: compared, signal: options.signal })),
    ...sizeFindings(sound, names),
  ]);
  return {
    name: source.name,
    ...{ pictures, findings, notes: source.notes },
    classes: tally.report(),
    sizes: countSizes(sound, names),
    classWeights: weightsOf(tally),
  };
}

function countSides({ pairs }: CheckedSource): Record<Side, number> {
  const pictures = { train: 0, valid: 0, test: 0 };
  for (const { side } of pairs) pictures[side]++;
  return pictures;
}

function weightsOf(tally: ClassTally): readonly number[] | null {
  const frequencies = tally.frequencies();
  return frequencies.pixels.some((n) => n > 0) ? weightsFrom(frequencies) : null;
}
