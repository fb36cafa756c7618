import { truncate, writeFile } from "node:fs/promises";
import { bombs } from "./bomb.ts";

/** A file that is long, but holds nothing: it takes no disk space. */
const long = async (path: string): Promise<void> => {
  await writeFile(path, "");
  await truncate(path, 20e9);
};

const aliases = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(",")}]\n`);

export const textBombs = {
  ...bombs("codes", {
    "of 20 GB": long,
    "that is a program": () => Uint8Array.from({ length: 5000 }, (_, i) => (i * 37) % 256),
  }),
  ...bombs("data.yaml", {
    "of 20 GB": long,
    "lists in lists, 60,000 deep": () => "[".repeat(60_000),
    "maps in maps, 15,000 deep": () => "{a: ".repeat(15_000),
    "sequences in sequences, 30,000 deep": () => "- ".repeat(30_000),
    "keys in keys, 30,000 deep": () => "? ".repeat(30_000),
    "aliases of aliases": () => `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${aliases.join("")}`,
    "a folder of everything": () => "path: /\ntrain: .\nval: .\nnames: [a, b]\n",
    "a folder above": () => "train: ../..\nval: ../..\nnames: [a, b]\n",
  }),
  ...bombs("args.yaml", { "maps in maps": () => "a:\n".repeat(3).concat("{a: ".repeat(10_000)), "of 20 GB": long }),
  ...bombs("data.json", { "lists in lists, a million deep": () => "[".repeat(1e6) }),
  ...bombs("predict.json", { "lists in lists, 500,000 deep": () => `${"[".repeat(5e5)}${"]".repeat(5e5)}` }),
  ...bombs("results.csv", {
    "of 20 GB": long,
    "a million columns": () => `epoch,${"a,".repeat(1e6)}b\n1`,
    "that is none": () => Uint8Array.from({ length: 5000 }, (_, i) => (i * 37) % 256),
  }),
};
