import { z } from "zod";

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

/** One of a few words. */
export const word = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, { error: `expected one of ${words.join(", ")}` }).meta({ placeholder: "NAME" });

/** A text that is not empty. */
export const text = (placeholder: string) => z.string().min(1, { error: "expected a value" }).meta({ placeholder });
