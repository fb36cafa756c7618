import type { ClassFrequencies } from "../../losses/class-weights.ts";
import { type Histogram, causesOfValues, largestValue, valuesIn } from "../mask-values.ts";
import type { MaskFacts } from "./facts.ts";
import type { Found } from "./findings.ts";
import { AreaBins } from "./objects.ts";
import { type NamedFile, type Side, sideNames, sides } from "./pairs.ts";

/** How often a class occurs in one list. */
export interface Occurrence {
  readonly pixels: number;
  /** Pictures with at least one pixel of it. */
  readonly pictures: number;
}

/** How large the objects of a class are: areas in pixels of touching pixels of one class, right to 5 %. */
export interface ObjectSizes {
  readonly count: number;
  /** A tenth of the objects are not larger. */
  readonly small: number;
  readonly median: number;
  /** A tenth are not smaller. */
  readonly large: number;
}

/** What the masks say about one class: how often it occurs in each list, and more. */
export interface ClassReport extends Readonly<Record<Side, Occurrence>> {
  readonly id: number;
  readonly name: string;
  /** Whether it stands for "not labelled". */
  readonly isVoid: boolean;
  /** In all lists together; null where the class does not occur. */
  readonly objects: ObjectSizes | null;
}

/** What is known of the classes' names. */
export interface ClassNames {
  /** Null where they are unknown. */
  readonly classes: readonly string[] | null;
  readonly voidIndex: number | null;
  /** The id beyond the classes of pixels without a label, if there is one. */
  readonly ignored: number | null;
}

/** Adds up masks, in memory that does not grow with their number. */
export class ClassTally {
  readonly #names: ClassNames;
  readonly #all: Histogram = new Float64Array(256);
  readonly #pixels = { train: new Float64Array(256), valid: new Float64Array(256), test: new Float64Array(256) };
  readonly #pictures = { train: new Float64Array(256), valid: new Float64Array(256), test: new Float64Array(256) };
  readonly #around = new Float64Array(256);
  readonly #areas: AreaBins[] = [];
  /** Masks with values beyond the classes, and their values. */
  readonly #outside: { readonly mask: NamedFile; readonly values: readonly number[] }[] = [];
  readonly #unlabelled: NamedFile[] = [];

  constructor(names: ClassNames) {
    this.#names = names;
  }

  add(side: Side, mask: NamedFile, { pixels, objects }: MaskFacts): void {
    const histogram = new Float64Array(256);
    for (let i = 0; i < pixels.length; i += 2) histogram[pixels[i]!] = pixels[i + 1]!;
    for (const [id, count] of histogram.entries()) {
      this.#all[id]! += count;
      this.#pixels[side][id]! += count;
      if (count > 0) this.#pictures[side][id]!++;
    }
    for (let i = 0; i < objects.length; i += 3)
      (this.#areas[objects[i]!] ??= new AreaBins()).add(objects[i + 1]!, objects[i + 2]!);
    this.#judge(side, mask, histogram);
  }

  #judge(side: Side, mask: NamedFile, histogram: Histogram): void {
    const { classes, voidIndex, ignored } = this.#names;
    if (ignored !== null) histogram[ignored] = 0;
    const values = valuesIn(histogram);
    if (voidIndex !== null) histogram[voidIndex] = 0;
    const labelled = histogram.reduce((sum, count) => sum + count, 0);
    if (labelled === 0) this.#unlabelled.push(mask);
    if (classes !== null && (values.at(-1) ?? 0) >= classes.length) this.#outside.push({ mask, values });
    if (side === "train") for (const [id, count] of histogram.entries()) if (count > 0) this.#around[id]! += labelled;
  }

  /** The classes in the order of their ids; without names, those that occur. */
  report(): ClassReport[] {
    const { classes, voidIndex } = this.#names;
    const names = classes ?? Array.from({ length: largestValue(this.#all) + 1 }, (_, id) => `class ${id}`);
    return names.map((name, id): ClassReport => {
      const occurrence = (side: Side): Occurrence => ({
        pixels: this.#pixels[side][id]!,
        pictures: this.#pictures[side][id]!,
      });
      const areas = this.#areas[id];
      const objects = areas && {
        count: areas.total,
        small: areas.quantile(0.1)!,
        median: areas.quantile(0.5)!,
        large: areas.quantile(0.9)!,
      };
      const isVoid = id === voidIndex;
      const [train, valid, test] = sides.map(occurrence) as [Occurrence, Occurrence, Occurrence];
      return { id, name, isVoid, train, valid, test, objects: objects ?? null };
    });
  }

  /** How often each class is trained on, void not, for class weights. */
  frequencies(): ClassFrequencies {
    const { voidIndex } = this.#names;
    const classes = this.report();
    return {
      pixels: classes.map(({ id, train }) => (id === voidIndex ? 0 : train.pixels)),
      around: classes.map(({ id }) => (id === voidIndex ? 0 : this.#around[id]!)),
    };
  }

  /** What is wrong with the ids of masks. */
  maskFindings(): Found[] {
    const unlabelled = this.#unlabelled.map(({ name }): Found => ({ kind: "unlabelled-mask", file: name, detail: "" }));
    const count = this.#names.classes?.length ?? 0;
    const causes = causesOfValues(
      this.#outside.map(({ values }) => values),
      count,
    );
    const outside = this.#outside.map(({ mask, values }, i): Found => ({
      kind: causes[i]!,
      file: mask.name,
      detail: `holds ${values.at(-1)}, but there are ${count} classes (0–${count - 1})`,
    }));
    return [...outside, ...unlabelled];
  }

  /** What is wrong with the classes as they are parted; nothing where names or lists are missing. */
  classFindings(lists: Readonly<Record<Side, number>>): Found[] {
    if (this.#names.classes === null || lists.train === 0) return [];
    const labelled = this.report().filter(({ isVoid }) => !isVoid);
    const trained = labelled.filter(({ train }) => train.pixels > 0);
    const found = labelled.flatMap((each) => absences(each, lists));
    if (trained.length === 1 && this.#outside.length === 0) found.push(place("one-class", trained[0]!));
    return found;
  }
}

/** Pixels of every list that are of a class other than void. */
export function labelledPixels(classes: readonly ClassReport[]): Record<Side, number> {
  const sum = (side: Side): number => classes.reduce((total, each) => total + (each.isVoid ? 0 : each[side].pixels), 0);
  return { train: sum("train"), valid: sum("valid"), test: sum("test") };
}

/** The lists that a class is absent from while others have it. */
function absences(each: ClassReport, lists: Readonly<Record<Side, number>>): Found[] {
  const has = (side: Side): boolean => each[side].pixels > 0;
  const where = (side: Side): string => `in ${masks(each[side].pictures)} of ${sideNames[side]}`;
  if (!sides.some(has)) return [place("class-unused", each)];
  const elsewhere = sides.filter(has).map(where).join(", ");
  if (!has("train")) return [place("class-untrained", each, `: ${elsewhere}`)];
  return (["valid", "test"] as const)
    .filter((side) => lists[side] > 0 && !has(side))
    .map((side) => place(absentFrom[side], each, `: ${elsewhere}`));
}

const absentFrom = { valid: "class-unvalidated", test: "class-untested" } as const;

function place(kind: Found["kind"], { id, name }: ClassReport, detail = ""): Found {
  return { kind, file: name, detail: `class ${id}${detail}` };
}

function masks(n: number): string {
  return `${n} ${n === 1 ? "mask" : "masks"}`;
}
