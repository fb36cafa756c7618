/** @file Inputs that once ended the process, hung, took too much or were refused with no named error: `npm run fuzz` found them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { attempt } from "../fuzz/attempt.ts";
import { type ReaderName, readers } from "../fuzz/readers/index.ts";
import { tempFolder } from "./support/dataset.ts";

const folder = new URL("crashers/", import.meta.url).pathname;
const crashers = readdirSync(folder).flatMap((name) =>
  readdirSync(join(folder, name)).map((file) => [name as ReaderName, file] as const),
);

test.each(crashers)("%s: %s", async (name, file) => {
  const { faults } = await attempt(readers[name], readFileSync(join(folder, name, file)), await tempFolder());
  // Time is for `npm run fuzz`.
  expect(faults.filter(({ kind }) => kind !== "time")).toEqual([]);
});
