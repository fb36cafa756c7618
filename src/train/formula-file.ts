import { z } from "zod";
import type { FormulaChoices } from "../onnx/target.ts";
import { CorruptFileError } from "../util/errors.ts";
import { parseJson } from "../util/parse-json.ts";

const schema = z.record(z.string(), z.string());

/** Choices of formulas as JSON. */
export function encodeFormulas(formulas: FormulaChoices): string {
  return `${JSON.stringify(formulas, null, 1)}\n`;
}

/** What `encodeFormulas` wrote; names that no formula has do no harm. Throws a CorruptFileError for anything else. */
export function decodeFormulas(text: string, file: string): FormulaChoices {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    value = undefined;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CorruptFileError(`${file} holds no choices of formulas`, {
    hint: "Remove it: a rule chooses then, and the last digits may be others.",
  });
}
