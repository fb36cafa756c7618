import type { ImageFacts, MaskFacts } from "./facts.ts";
import type { Found } from "./findings.ts";
import { findAlike } from "./near.ts";
import { type Pair, type Side, sideNames, sides } from "./pairs.ts";
import { findSequences, type Frame, type Sequence } from "./sequences.ts";

/** A pair with what is kept of it once it was read. */
export interface ReadPair extends Pair {
  readonly image: Pair["image"];
  readonly imageFacts: ImageFacts | null;
  /** Digest of the mask; null where it cannot be used. */
  readonly maskContent: MaskFacts["content"] | null;
}

/** What is wrong with how pictures are parted: copies, near copies and sequences on both sides. */
export function splitFindings(pairs: readonly ReadPair[]): Found[] {
  const copies = copyFindings(pairs);
  const copied = new Set(copies.filter(({ kind }) => kind === "duplicate-across").map(({ file }) => file));
  const near = nearFindings(pairs).filter(({ file }) => !copied.has(file));
  return [...copies, ...near, ...sequenceFindings(pairs)];
}

/** Pictures whose files are equal. */
function copyFindings(pairs: readonly ReadPair[]): Found[] {
  const first = new Map<string, ReadPair>();
  const firstOfSide = new Map<string, ReadPair>();
  const found: Found[] = [];
  for (const pair of pairs) {
    const content = pair.imageFacts?.content;
    if (content === undefined) continue;
    const place = (kind: Found["kind"], other: ReadPair, detail: string): void => {
      found.push({ kind, file: pair.image.name, other: other.image.name, detail });
    };
    const [original, own] = [first.get(content), firstOfSide.get(`${pair.side} ${content}`)];
    if (own) place("duplicate-within", own, `${sideNames[pair.side]} picture, equal to ${own.image.name}`);
    else if (original) place("duplicate-across", original, across(pair, original, "equal to"));
    const twin = own ?? original;
    if (twin && pair.maskContent !== null && twin.maskContent !== null && twin.maskContent !== pair.maskContent)
      place("different-masks", twin, `${pair.mask?.name}, but ${twin.mask?.name} of ${twin.image.name} differs`);
    if (!original) first.set(content, pair);
    if (!own) firstOfSide.set(`${pair.side} ${content}`, pair);
  }
  return found;
}

/** Pictures that look like one that comes before their side. */
function nearFindings(pairs: readonly ReadPair[]): Found[] {
  const looks = pairs.map(({ imageFacts }) => imageFacts?.look ?? null);
  const positions = (wanted: readonly Side[]): number[] =>
    [...pairs.keys()].filter((i) => wanted.includes(pairs[i]!.side));
  return sides.slice(1).flatMap((side, i) =>
    findAlike(looks, positions([side]), positions(sides.slice(0, i + 1))).map(({ picture, like }): Found => {
      const [pair, other] = [pairs[picture]!, pairs[like]!];
      const detail = across(pair, other, "looks like");
      return { kind: "near-duplicate", file: pair.image.name, other: other.image.name, detail };
    }),
  );
}

function across(pair: ReadPair, other: ReadPair, how: string): string {
  return `${sideNames[pair.side]} picture, ${how} ${sideNames[other.side]} picture ${other.image.name}`;
}

function sequenceFindings(pairs: readonly ReadPair[]): Found[] {
  const looks = pairs.map(({ imageFacts }) => imageFacts?.look ?? null);
  const sequences = findSequences(
    pairs.map(({ image }) => image.name),
    looks,
  );
  const validating = pairs.filter(({ side }) => side === "valid").length;
  const of = ({ frames }: Sequence, side: Side): Frame[] =>
    frames.filter(({ picture }) => pairs[picture]!.side === side);
  const nameOf = ({ picture }: Frame): string => pairs[picture]!.image.name;
  return sequences.flatMap((sequence): Found[] => {
    const [train, valid] = [of(sequence, "train"), of(sequence, "valid")];
    if (valid.length === 0) return [];
    const film = `sequence ${sequence.name}`;
    const alone = valid.length === validating && validating > 1;
    const one: Found[] = alone
      ? [
          {
            kind: "valid-one-sequence",
            file: nameOf(valid[0]!),
            other: nameOf(valid.at(-1)!),
            detail: `${count(valid)} of ${film}`,
          },
        ]
      : [];
    if (train.length === 0) return one;
    const [a, b] = nearestFrames(valid, train);
    const detail = `${film}: ${count(train)} are trained on and ${count(valid)} validated on; the nearest are ${a.number} and ${b.number}`;
    return [...one, { kind: "sequence-across", file: nameOf(a), other: nameOf(b), detail }];
  });
}

/** "101 frames (7959–8159)". */
function count(frames: readonly Frame[]): string {
  return `${frames.length} ${frames.length === 1 ? "frame" : "frames"} (${frames[0]!.number}–${frames.at(-1)!.number})`;
}

/** One frame of each list, both in the order of their numbers, with the smallest distance. */
function nearestFrames(from: readonly Frame[], to: readonly Frame[]): [Frame, Frame] {
  let best: [Frame, Frame] = [from[0]!, to[0]!];
  for (let i = 0, j = 0; i < from.length && j < to.length;) {
    const [a, b] = [from[i]!, to[j]!];
    if (Math.abs(a.number - b.number) < Math.abs(best[0].number - best[1].number)) best = [a, b];
    if (a.number < b.number) i++;
    else j++;
  }
  return best;
}
