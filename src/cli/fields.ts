import { z } from "zod";

const number = (check: (n: number) => boolean, expected: string) =>
  z
    .string()
    .transform(Number)
    .refine((n) => Number.isFinite(n) && check(n), { error: `expected ${expected}` });

/** A whole number of at least `least`. */
export const integer = (least: number) =>
  number((n) => Number.isInteger(n) && n >= least, `a whole number of at least ${least}`);

/** A number above 0. */
export const positive = () => number((n) => n > 0, "a number above 0");

/** A number from 0 to 1. */
export const share = () => number((n) => n >= 0 && n <= 1, "a number from 0 to 1");

/** A number of at least 0. */
export const nonNegative = () => number((n) => n >= 0, "a number of at least 0");

/** Height and width, written 96x128. */
export const size = () =>
  z
    .string()
    .regex(/^\d+x\d+$/, { error: "expected HEIGHTxWIDTH such as 96x128" })
    .transform((text) => text.split("x").map(Number) as [number, number]);

/** One of a few words. */
export const word = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, { error: `expected one of ${words.join(", ")}` });
