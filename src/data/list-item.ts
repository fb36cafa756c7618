import { ConfigError } from "../util/errors.ts";
import type { Row } from "./csv.ts";
import type { Picture } from "./dataset.ts";

/** A picture of an item list. */
export interface ListItem extends Picture {
  /** Its path below the list's folder, with forward slashes. */
  readonly name: string;
  /** The row of the table it came from. */
  readonly row?: Row;
}

/** What a step that reads a table says of a picture that came from none. */
export function notFromTable(how: string): ConfigError {
  return new ConfigError(`${how}: the list was not made from a table`, { hint: "Begin with fromDf or fromCsv." });
}
