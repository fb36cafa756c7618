import type { ImageFacts, MaskFacts } from "./facts.ts";
import type { Found } from "./findings.ts";
import { type CompareOptions, findAlike } from "./near.ts";
import { type Pair, type Side, sideNames, sides } from "./pairs.ts";
import { findSequences, type Frame } from "./sequences.ts";

/** A pair with what is kept of it once it was read. */
export interface ReadPair extends Pair {
  readonly image: Pair["image"];
  readonly imageFacts: ImageFacts | null;
  /** Digest of the mask; null where it cannot be used. */
  readonly maskContent: MaskFacts["content"] | null;
}

/** What is wrong with how pictures are parted: copies, near copies and sequences on both sides. Errors as `findAlike`. */
export async function splitFindings(pairs: readonly ReadPair[], told: CompareOptions = {}): Promise<Found[]> {
  const copies = copyFindings(pairs);
  const copied = new Set(copies.filter(({ kind }) => kind === "duplicate-across").map(({ file }) => file));
  const near = (await nearFindings(pairs, told)).filter(({ file }) => !copied.has(file));
  return [...copies, ...near, ...sequenceFindings(pairs)];
}

/** Pictures of the same pixels, whatever their files. */
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

/** Pictures that look like one of a list before their own. */
async function nearFindings(pairs: readonly ReadPair[], { onProgress, signal }: CompareOptions): Promise<Found[]> {
  const looks = pairs.map(({ imageFacts }) => imageFacts?.look ?? null);
  const positions = (wanted: readonly Side[]): number[] =>
    [...pairs.keys()].filter((i) => wanted.includes(pairs[i]!.side));
  const total = positions(sides.slice(1)).length;
  const found: Found[] = [];
  let before = 0;
  for (const [i, side] of sides.slice(1).entries()) {
    const pictures = positions([side]);
    const told = { signal, onProgress: (done: number) => onProgress?.(before + done, total) };
    for (const { picture, like } of await findAlike(looks, pictures, positions(sides.slice(0, i + 1)), told)) {
      const [pair, other] = [pairs[picture]!, pairs[like]!];
      const detail = across(pair, other, "looks like");
      found.push({ kind: "near-duplicate", file: pair.image.name, other: other.image.name, detail });
    }
    before += pictures.length;
  }
  return found;
}

function across(pair: ReadPair, other: ReadPair, how: string): string {
  return `${sideNames[pair.side]} picture, ${how} ${sideNames[other.side]} picture ${other.image.name}`;
}

/** Lists that are measured on and are one sequence, and sequences with frames in several lists. */
function sequenceFindings(pairs: readonly ReadPair[]): Found[] {
  const looks = pairs.map(({ imageFacts }) => imageFacts?.look ?? null);
  const names = pairs.map(({ image }) => image.name);
  return findSequences(names, looks).flatMap((sequence): Found[] => {
    const of = (side: Side): Frame[] => sequence.frames.filter(({ picture }) => pairs[picture]!.side === side);
    const parts = sides.map((side) => ({ side, frames: of(side) })).filter(({ frames }) => frames.length > 0);
    const film = `sequence ${sequence.name} (${range(sequence.frames)})`;
    const one = parts.flatMap(({ side, frames }): Found[] => {
      const all = pairs.filter((pair) => pair.side === side).length;
      if (side === "train" || frames.length < all || all < 2) return [];
      const [first, last] = [names[frames[0]!.picture]!, names[frames.at(-1)!.picture]!];
      return [{ kind: oneSequence[side], file: first, other: last, detail: `${count(frames)} of ${film}` }];
    });
    const across = parts.flatMap((from, i) =>
      parts.slice(i + 1).map((to): Found => {
        const [a, b] = nearestFrames(to.frames, from.frames);
        const detail = `${film}: ${inList(from)} and ${inList(to)}; the nearest are ${a.number} and ${b.number}`;
        return { kind: "sequence-across", file: names[a.picture]!, other: names[b.picture]!, detail };
      }),
    );
    return [...one, ...across];
  });
}

const oneSequence = { valid: "valid-one-sequence", test: "test-one-sequence" } as const;

function inList({ side, frames }: { readonly side: Side; readonly frames: readonly Frame[] }): string {
  return `${count(frames)} ${frames.length === 1 ? "is" : "are"} in the ${sideNames[side]} list`;
}

/** "101 frames (7959–8159)". */
function count(frames: readonly Frame[]): string {
  return `${frames.length} ${frames.length === 1 ? "frame" : "frames"} (${range(frames)})`;
}

/** The first and the last number. */
function range(frames: readonly Frame[]): string {
  const [first, last] = [frames[0]!.number, frames.at(-1)!.number];
  return first === last ? String(first) : `${first}–${last}`;
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
