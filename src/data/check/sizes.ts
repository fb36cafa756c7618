import type { Size } from "../image.ts";
import { sizeText } from "../image.ts";
import type { Found } from "./findings.ts";

/** A size of pictures, how many have it, and one of them. */
export interface SizeCount extends Size {
  readonly count: number;
  readonly example: string;
}

/** The sizes of some pictures, the most frequent first. */
export function countSizes(sizes: readonly Size[], names: readonly string[]): SizeCount[] {
  const counts = new Map<string, SizeCount>();
  for (const [i, { height, width }] of sizes.entries()) {
    const { count, example } = counts.get(`${height} ${width}`) ?? { count: 0, example: names[i]! };
    counts.set(`${height} ${width}`, { height, width, count: count + 1, example });
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count || a.height - b.height || a.width - b.width);
}

/** By how much one picture is squeezed on one side to have the proportions of another: a logarithm, 0 for not at all. */
export function stretch(from: Size, to: Size): number {
  return Math.abs(Math.log((from.width * to.height) / (from.height * to.width)));
}

/** A squeeze that the eye sees at once. */
export const oddStretch = Math.log(1.25);

/** The network's deepest features are 1/32 of the picture. */
const smallest = 32;

/** What is unusual about the sizes of pictures. */
export function sizeFindings(sizes: readonly Size[], names: readonly string[]): Found[] {
  const counts = countSizes(sizes, names);
  const [common, ...others] = counts;
  if (common === undefined) return [];
  const mixed: Found[] =
    others.length === 0
      ? []
      : counts.map((size) => ({
          kind: "mixed-sizes",
          file: size.example,
          detail: `${sizeText(size)}: ${size.count} ${size.count === 1 ? "picture" : "pictures"}`,
        }));
  const each = sizes.flatMap((size, i): Found[] => {
    const place = (kind: Found["kind"], detail: string): Found => ({ kind, file: names[i]!, detail });
    return [
      ...(stretch(size, common) > oddStretch
        ? [place("odd-size", `${sizeText(size)}, most are ${sizeText(common)}`)]
        : []),
      ...(Math.min(size.height, size.width) < smallest ? [place("small-picture", sizeText(size))] : []),
    ];
  });
  return [...mixed, ...each];
}
