import { z } from "zod";
import { slice, type Slice } from "../optim/groups.ts";
import { parseBytes } from "../util/bytes.ts";

/** What stands for the value of a field in a command's help. */
export function placeholderOf(field: unknown): string {
  const placeholder = field instanceof z.ZodType ? field.meta()?.placeholder : undefined;
  return typeof placeholder === "string" ? placeholder : "VALUE";
}

const number = (check: (n: number) => boolean, expected: string, placeholder: string) =>
  z
    .string()
    .transform((text) => (text.trim() === "" ? NaN : Number(text)))
    .refine((n) => Number.isFinite(n) && check(n), { error: `expected ${expected}` })
    .meta({ placeholder });

/** A whole number of at least `least`. */
export const integer = (least: number) =>
  number((n) => Number.isSafeInteger(n) && n >= least, `a whole number of at least ${least}`, "N");

/** A number above 0. */
export const positive = () => number((n) => n > 0, "a number above 0", "X");

/** A number from 0 to 1. */
export const share = () => number((n) => n >= 0 && n <= 1, "a number from 0 to 1", "X");

/** A number of at least 0. */
export const nonNegative = () => number((n) => n >= 0, "a number of at least 0", "X");

/** Height and width, written 96x128. */
export const size = () =>
  z
    .string()
    .regex(/^\d+[xX×]\d+$/, { error: "expected HEIGHTxWIDTH such as 96x128" })
    .transform((text): [height: number, width: number] => {
      const [height, width] = text.split(/[xX×]/).map(Number);
      return [height ?? NaN, width ?? NaN];
    })
    .meta({ placeholder: "HxW" });

/** A share from 0 to below 1. */
export const overlap = () => number((n) => n >= 0 && n < 1, "a number from 0 to below 1", "X");

/** Two numbers from 0 to 1, written 0.95,0.85. */
export const shares = () =>
  z
    .string()
    .transform((text) => text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part))))
    .refine((numbers) => numbers.length === 2 && numbers.every((n) => n >= 0 && n <= 1), {
      error: "expected two numbers from 0 to 1 such as 0.95,0.85",
    })
    .transform(([first = NaN, second = NaN]): [number, number] => [first, second])
    .meta({ placeholder: "X,X" });

/** Colours of pictures with text. */
export const theme = (what = "colours of the picture") => word(["light", "dark"]).default("light").describe(what);

/** A whole number of at least 1, or "auto". */
export const batchSize = () =>
  z
    .string()
    .transform((text): "auto" | number => (text === "auto" ? text : text.trim() === "" ? NaN : Number(text)))
    .refine((n) => n === "auto" || (Number.isSafeInteger(n) && n >= 1), {
      error: "expected auto or a whole number of at least 1",
    })
    .meta({ placeholder: "N|auto" });

/** An amount of memory in bytes, written 1.5GB, 800MB or 2GiB. */
export const memory = () =>
  z
    .string()
    .transform(parseBytes)
    .refine((bytes) => bytes > 0, { error: "expected an amount of memory such as 1.5GB or 800MB" })
    .meta({ placeholder: "SIZE" });

/** A learning rate: "auto", a number, or those of the first and the last layer group, written 1e-5:1e-3. */
export type LearningRate = "auto" | number | Slice;

const rate = (text: string): number => (text.trim() === "" ? NaN : Number(text));

/** Reads a LearningRate. */
export const learningRate = () =>
  z
    .string()
    .transform((text): LearningRate => {
      const [first = "", second] = text.split(":");
      if (text === "auto") return text;
      return second === undefined ? rate(first) : slice(rate(first), rate(second));
    })
    .refine((lr) => lr === "auto" || ratesOf(lr).every((n) => n > 0 && n < Infinity), {
      error: "expected auto, a number above 0, or two of them such as 1e-5:1e-3",
    })
    .meta({ placeholder: "X|auto|X:X" });

function ratesOf(lr: number | Slice): number[] {
  return typeof lr === "number" ? [lr] : [lr.start ?? lr.stop, lr.stop];
}

/** A learning rate as it is typed. */
export function showLearningRate(lr: LearningRate): string | number {
  return typeof lr === "object" ? `${lr.start ?? lr.stop / 10}:${lr.stop}` : lr;
}

/** One of a few words. */
export const word = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, { error: `expected one of ${words.join(", ")}` }).meta({ placeholder: "NAME" });

/** Some of a few words, written a,b; each once. */
export const words = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z
    .string()
    .transform((text): Words[number][] => [...new Set(text.split(",").map((word) => word.trim()))])
    .refine((given) => given.every((word) => words.includes(word)), { error: `expected some of ${words.join(", ")}` })
    .meta({ placeholder: "NAME,…" });

/** Texts that are not empty, written a,b. */
export const list = (placeholder: string) =>
  z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .refine((parts) => parts.every((part) => part !== ""), { error: "expected values, separated by commas" })
    .meta({ placeholder });

/** One of several equal parts, written 2/4: counted from 1. */
export const shard = () =>
  z
    .string()
    .regex(/^\d{1,6}\/\d{1,6}$/, { error: "expected a part such as 2/4, the second of four" })
    .transform((text) => {
      const [index = NaN, count = NaN] = text.split("/").map(Number);
      return { index, count };
    })
    .refine(({ index, count }) => index >= 1 && index <= count, {
      error: "expected a part from 1/N to N/N, such as 2/4 for the second of four",
    })
    .meta({ placeholder: "I/N" });

/** What programs run on. */
export const backend = () =>
  word(["auto", "cpu", "wasm", "webgpu"])
    .default("auto")
    .describe("auto, cpu (native), wasm (WebAssembly, runs everywhere) or webgpu (the GPU)");

/** A text that is not empty. */
export const text = (placeholder: string) => z.string().min(1, { error: "expected a value" }).meta({ placeholder });
