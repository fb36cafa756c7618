import { ConfigError, DataError } from "../util/errors.ts";
import { NumpyRandom } from "./mersenne.ts";
import { requireShare, type SplitItems } from "./split.ts";

/** What groups are found by: a path with forward slashes. */
interface Named {
  readonly name: string;
}

/**
 * A seeded random choice of whole groups (items for which the pattern's first group captures the same text), as near to the share as they come, is the validation list: frames of one
 * video, or tiles of one scan, are never on both sides.
 * @param share between 0 and 1.
 * @throws ConfigError for a share out of range or a pattern without a group, DataError for an item that does not match
 * or fewer than two groups.
 */
export function splitByGroup<T extends Named>(
  items: readonly T[],
  pattern: RegExp,
  share: number,
  seed: number,
): SplitItems<T> {
  requireShare("splitByGroup", share);
  const groups = groupItems(items, pattern, "splitByGroup");
  if (groups.length < 2)
    throw new DataError(`data: splitByGroup: all ${items.length} images are in one group, "${groups[0]?.name}"`, {
      hint: "Capture with the pattern what tells the groups apart.",
    });
  const target = share * items.length;
  const valid: Group<T>[] = [];
  let size = 0;
  for (const group of shuffled(groups, seed)) {
    if (valid.length === groups.length - 1) break;
    const missing = target - size;
    if (valid.length > 0 && Math.abs(missing - group.items.length) >= Math.abs(missing)) continue;
    valid.push(group);
    size += group.items.length;
  }
  return sides(items, valid, `${valid.length} of ${groups.length} groups`);
}

export interface KFoldOptions {
  /** The number of parts. */
  readonly k: number;
  /** Which part is for validation: 0 … k−1. */
  readonly fold: number;
  /** 0 where left out. */
  readonly seed?: number;
}

/**
 * The items in k seeded parts, equal but for one item (or as equal as whole groups allow); one is for validation. Over
 * all folds every item is validated on once.
 * @throws ConfigError for k below 2 or a fold that is not there, DataError for fewer items or groups than parts.
 */
export function splitKFold<T extends Named>(
  items: readonly T[],
  { k, fold, seed = 0 }: KFoldOptions,
  pattern?: RegExp,
): SplitItems<T> {
  if (!Number.isInteger(k) || k < 2) throw new ConfigError(`splitKFold: expected k of at least 2, but received ${k}`);
  if (!Number.isInteger(fold) || fold < 0 || fold >= k)
    throw new ConfigError(`splitKFold: expected a fold from 0 to ${k - 1}, but received ${fold}`);
  const groups = pattern
    ? groupItems(items, pattern, "splitKFold")
    : items.map((item) => ({ name: item.name, items: [item] }));
  if (groups.length < k)
    throw new DataError(`data: splitKFold: ${groups.length} ${pattern ? "groups" : "images"} do not fill ${k} folds`, {
      hint: `Use k of at most ${groups.length}.`,
    });
  const folds = Array.from({ length: k }, () => ({ size: 0, groups: [] as Group<T>[] }));
  for (const group of shuffled(groups, seed).toSorted((a, b) => b.items.length - a.items.length)) {
    const smallest = folds.reduce((a, b) => (b.size < a.size ? b : a));
    smallest.groups.push(group);
    smallest.size += group.items.length;
  }
  return sides(items, folds[fold]!.groups, `fold ${fold} of ${k}`);
}

interface Group<T> {
  readonly name: string;
  readonly items: readonly T[];
}

function groupItems<T extends Named>(items: readonly T[], pattern: RegExp, how: string): Group<T>[] {
  const matcher = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const match = matcher.exec(item.name);
    if (match === null)
      throw new DataError(`data: ${how}: ${pattern} does not match ${item.name}`, {
        hint: "Widen the pattern, or leave such images out with filterByFunc.",
      });
    const name = match[1];
    if (name === undefined)
      throw new ConfigError(`${how}: ${pattern} captures nothing in ${item.name}`, {
        hint: "Put what tells the groups apart in parentheses, such as /^(\\w+)_/.",
      });
    groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return [...groups].map(([name, members]) => ({ name, items: members }));
}

function shuffled<T>(values: readonly T[], seed: number): T[] {
  return new NumpyRandom(seed).permutation(values.length).map((i) => values[i]!);
}

/** Both lists in the order of the items. */
function sides<T>(items: readonly T[], valid: readonly Group<T>[], what: string): SplitItems<T> {
  const chosen = new Set(valid.flatMap((group) => group.items));
  return {
    train: items.filter((item) => !chosen.has(item)),
    valid: items.filter((item) => chosen.has(item)),
    notes: [`the validation list is ${what}: ${chosen.size} of ${items.length} images`],
  };
}
