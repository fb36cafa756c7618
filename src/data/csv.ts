import { DataError } from "../util/errors.ts";

/** A row of a table: values by the names of their columns. */
export type Row = Readonly<Record<string, unknown>>;

export interface CsvOptions {
  /** What separates fields; a comma where left out. */
  readonly delimiter?: string;
  /** Names of the columns; the first line has them where left out. */
  readonly header?: readonly string[];
}

/**
 * The rows of a comma-separated table, values as text (RFC 4180: fields in double quotes may hold commas, line ends
 * and doubled quotes). Blank lines are skipped.
 * @param name what error messages call the text.
 * @throws DataError for a quote that does not end and for a row with another number of fields than the header.
 */
export function parseCsv(text: string, name: string, { delimiter = ",", header }: CsvOptions = {}): Row[] {
  const lines = fieldsOf(text.replace(/^\uFEFF/, ""), delimiter, name).filter(
    (fields) => fields.length > 1 || fields[0] !== "",
  );
  const columns = header ?? lines.shift() ?? [];
  return lines.map((fields, i) => {
    if (fields.length === columns.length) return Object.fromEntries(columns.map((column, c) => [column, fields[c]!]));
    const row = i + (header ? 1 : 2);
    throw new DataError(
      `data: row ${row} of ${name} has ${fields.length} fields, but there are ${columns.length} columns`,
      {
        hint: "Put fields that hold the separator into double quotes.",
      },
    );
  });
}

/** Values as a line of a comma-separated table, its end included. */
export function csvLine(values: readonly (string | number)[]): string {
  const fields = values.map(String).map((text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text));
  return `${fields.join(",")}\n`;
}

/** The value in a column given by its name or position. Throws a DataError for a column that is missing or a blank. */
export function cell(row: Row, column: string | number, where: string): string {
  const name = typeof column === "number" ? Object.keys(row)[column] : column;
  const value = name === undefined ? undefined : row[name];
  const known =
    typeof value === "number" ? !Number.isNaN(value) : value !== undefined && value !== null && value !== "";
  if (known) return String(value);
  throw new DataError(`data: ${where}: no value in column ${column} of the row ${JSON.stringify(row)}`, {
    hint: `Its columns are: ${Object.keys(row).join(", ")}.`,
  });
}

function fieldsOf(text: string, delimiter: string, name: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const { value, end } = text[at] === '"' ? quotedField(text, at, name) : plainField(text, at, delimiter);
    row.push(value);
    at = end;
    if (text.startsWith(delimiter, at)) {
      at += delimiter.length;
      if (at < text.length) continue;
      row.push("");
    }
    if (text.startsWith("\r\n", at)) at++;
    else if (at < text.length && text[at] !== "\n" && text[at] !== "\r")
      throw new DataError(`data: row ${rows.length + 1} of ${name}: expected a separator after a quoted field`);
    at++;
    rows.push(row);
    row = [];
  }
  return rows;
}

interface Field {
  readonly value: string;
  readonly end: number;
}

function plainField(text: string, start: number, delimiter: string): Field {
  let end = start;
  while (end < text.length && !text.startsWith(delimiter, end) && text[end] !== "\n" && text[end] !== "\r") end++;
  return { value: text.slice(start, end), end };
}

function quotedField(text: string, start: number, name: string): Field {
  let end = start + 1;
  for (;;) {
    end = text.indexOf('"', end);
    if (end < 0) throw new DataError(`data: ${name} has a double quote that does not end`);
    if (text[end + 1] !== '"') break;
    end += 2;
  }
  return { value: text.slice(start + 1, end).replaceAll('""', '"'), end: end + 1 };
}
