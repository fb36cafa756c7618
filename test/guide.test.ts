/**
 * @file The documentation: every command and every program is right, and those of the user guide run on small pictures.
 */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { commonOptions, parseArguments } from "../src/cli/arguments.ts";
import { allCommands } from "../src/cli/commands/index.ts";
import { forEachLimited } from "../src/data/concurrent.ts";
import { writeStreets } from "../src/data/streets/write.node.ts";
import { segkit, segkitHere } from "./support/cli.ts";
import { tempFolder, writeDataset, writeGreyMask } from "./support/dataset.ts";

const commands = await allCommands();
const root = fileURLToPath(new URL("..", import.meta.url));
const docs = join(root, "docs");
const pagesIn = (folder: string): string[] =>
  readdirSync(join(docs, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
/** The user guide, and pages on single commands. */
const [guide, reference] = [pagesIn("guide"), pagesIn("")];
const pages = [...guide, ...reference];
/** Pages whose commands are run; those of others need models and minutes, and have tests of their own. */
const run: readonly string[] = [...guide, "data-check.md"];

interface Block {
  readonly language: string;
  readonly text: string;
  /** False after a comment that says why it is not run. */
  readonly runs: boolean;
  /** Whether Ctrl-C ends its first command, as a comment says. */
  readonly interrupted: boolean;
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(docs, page), "utf8");
  const block = /(?:<!-- (?<how>not run|interrupted): .+ -->\n\n)?^```(?<language>\w+)\n(?<text>[^]*?)^```$/gm;
  return [...text.matchAll(block)].map(({ groups }) => ({
    ...{ language: groups!.language!, text: groups!.text! },
    ...{ runs: groups!.how !== "not run", interrupted: groups!.how === "interrupted" },
  }));
}

/** Whole programs; what begins otherwise goes on with one. */
const programsOf = (page: string): string[] =>
  blocksOf(page).flatMap(({ language, text }) => (language === "ts" && text.startsWith("import ") ? [text] : []));
const linesOf = ({ text }: Block): string[] => text.trimEnd().split("\n");

/** What a line asks of segkit; undefined for another program's. */
function segkitWords(line: string): string[] | undefined {
  const [, rest] = /^(?:npx )?segkit (.*?)(?: +#.*)?$/.exec(line) ?? [];
  return rest?.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", ""));
}

/** Options that make a run short, whatever the guide says of them. */
const less: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  train: {
    size: "32x48",
    bs: "2",
    epochs: "1",
    encoder: "efficientnetLite0",
    accumulate: "2",
    workers: "0",
    ...{ "freeze-epochs": "1", pretrained: "runs/train/gathered/weights/best.safetensors" },
  },
  "lr-find": { size: "32x48", bs: "2", encoder: "efficientnetLite0", "num-it": "26", workers: "0" },
};

/** Options that are added where the guide has none of them. */
const always = new Set(["size", "bs", "encoder", "num-it", "workers"]);

function smaller([command = "", ...words]: readonly string[], streets: string): string[] {
  const result = words.map((word, i) => {
    const option = words[i - 1]?.replace(/^--/, "") ?? "";
    if (option === "data" && word === "streets") return streets;
    return less[command]?.[option] ?? word;
  });
  // A run that goes on has its options.
  const missing = Object.entries(words.includes("--resume") ? {} : (less[command] ?? {})).filter(
    ([name]) => always.has(name) && !words.includes(`--${name}`),
  );
  const added = missing.flatMap(([name, value]) => [`--${name}`, value]);
  return [command, ...result, ...added, ...(command === "train" ? ["--no-report"] : [])];
}

/** Rewrites a program of the guide to be quick. */
function quick(program: string): string {
  return program
    .replaceAll(/\[\d+, \d+\]/g, "[32, 48]")
    .replaceAll(/"resnet\d+"/g, '"efficientnetLite0"')
    .replaceAll(/\bfitOneCycle\(\d+/g, "fitOneCycle(1")
    .replaceAll(/\bfit\(\d+/g, "fit(2")
    .replaceAll(/\b(bs|batchSize): \d+/g, "$1: 2")
    .replaceAll(/\btrain: \d+, valid: \d+/g, "train: 4, valid: 2")
    .replaceAll("lrFind()", "lrFind({ numIt: 26 })");
}

let streets: string;
let data: string;
/** With masks of 0 and 255. */
let twoClasses: string;
beforeAll(async () => {
  const [height, width] = [24, 32];
  twoClasses = await writeDataset({ height, width, classes: ["other", "thing"] });
  for (const [i, name] of readdirSync(join(twoClasses, "labels")).entries()) {
    const ids = Uint8Array.from({ length: height * width }, (_, at) => (at % (i + 3) === 0 ? 255 : 0));
    await writeGreyMask(join(twoClasses, "labels", name), { data: ids, height, width });
  }
  streets = join(await tempFolder(), "streets");
  await writeStreets(streets, { train: 6, valid: 4, height: 48, width: 64, seed: 1, threads: 0 });
  data = await writeDataset({ items: 8, valid: 2, height: 48, width: 64, classes: ["sky", "road", "car", "Void"] });
});

/** A folder as a reader of a page has it. */
async function readersFolder(): Promise<string> {
  const folder = await tempFolder();
  const mine = join(folder, "my-data");
  await cp(data, mine, { recursive: true });
  const lists = { train: [0, 1, 2, 3, 4, 5], val: [6, 7] };
  for (const [list, numbers] of Object.entries(lists))
    await writeFile(join(mine, `${list}.txt`), numbers.map((i) => `images/scene_00${i}.png\n`).join(""));
  await writeFile(join(mine, "data.yaml"), "train: train.txt\nval: val.txt\nnames: [sky, road, car, Void]\n");
  await cp(twoClasses, join(folder, "two-classes"), { recursive: true });
  await mkdir(join(folder, "pictures"));
  await cp(join(data, "images", "scene_000.png"), join(folder, "pictures", "photo.png"));
  return folder;
}

test("the pages are linked from the first one, and links lead somewhere", () => {
  const first = readFileSync(join(docs, "guide", "README.md"), "utf8");
  for (const page of guide.map((each) => basename(each)))
    if (page !== "README.md") expect(first).toContain(`](${page})`);
  for (const page of pages) {
    const text = readFileSync(join(docs, page), "utf8");
    for (const [, target] of text.matchAll(/\]\((?!https:)([^)#]+)[^)]*\)/g))
      expect(existsSync(join(dirname(join(docs, page)), target!)), `${page}: ${target}`).toBe(true);
  }
});

test("every option that a text names is one of segkit's", () => {
  const known = new Set(
    [commonOptions, ...commands.map(({ options }) => options.shape)]
      .flatMap((options) => Object.keys(options))
      .map((key) => key.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)),
  );
  for (const page of pages)
    for (const [, name] of readFileSync(join(docs, page), "utf8").matchAll(/`--([a-z\d-]+)/g))
      expect(known.has(name!), `${page}: --${name}`).toBe(true);
});

describe.concurrent.each(pages)("%s", (page) => {
  const blocks = blocksOf(page);

  test("its commands are segkit's, with options and values as they must be", ({ expect }) => {
    for (const block of blocks.filter(({ language }) => language === "sh"))
      for (const line of linesOf(block)) {
        const [name, ...words] = segkitWords(line) ?? [];
        if (name === undefined) {
          expect(line).toMatch(/^(npm install|pip install|tensorboard|curl) /);
          expect(block.runs && run.includes(page)).toBe(false);
          continue;
        }
        const command = commands.find((each) => each.name === name);
        expect(command?.name, line).toBe(name);
        parseArguments(words, command!.options);
      }
  });

  const commandsRun = blocks.filter(({ language, runs }) => language === "sh" && runs);
  if (commandsRun.length === 0 || !run.includes(page)) return;
  test("its commands run, one after the other", async ({ expect }) => {
    const cwd = await readersFolder();
    for (const block of commandsRun)
      for (const [i, line] of linesOf(block).entries()) {
        const words = smaller(segkitWords(line)!, streets);
        if (block.interrupted && i === 0) {
          expect([line, (await interrupted(words, cwd)).code]).toEqual([line, 130]);
          continue;
        }
        const { code, stderr } = await (words[0] === "train" ? segkit(words, { cwd }) : segkitHere(words, { cwd }));
        expect([line, code, code === 0 ? "" : stderr]).toEqual([line, 0, ""]);
      }
  });
});

test("the programs run", async () => {
  const blocks = guide.flatMap((page) => blocksOf(page).map((block) => ({ page, ...block })));
  const programs = blocks.filter(({ language }) => language === "ts");
  expect(programs.length).toBeGreaterThan(4);
  await forEachLimited(programs.length, 2, async (i) => {
    const { page, text, runs } = programs[i]!;
    expect(runs).toBe(true);
    const file = await written(`quick-${basename(page, ".md")}-${i}.ts`, quick(text));
    const node = ["--import", import.meta.resolve("tsx"), file];
    await promisify(execFile)(process.execPath, node, { cwd: await readersFolder() });
  });
});

test("the programs compile as they stand", async () => {
  const programs = pages.flatMap((page) =>
    programsOf(page).map((text, i) => ({ name: `${page.replaceAll(/\W/g, "-")}-${i}.ts`, text })),
  );
  for (const { name, text } of programs) await written(name, text);
  const config = {
    extends: "../../tsconfig.base.json",
    compilerOptions: { types: ["node"], noEmit: true },
    files: programs.map(({ name }) => name),
  };
  const project = await written("tsconfig.json", JSON.stringify(config));
  const tsc = [join(root, "node_modules/typescript/bin/tsc"), "-p", project, "--pretty", "false"];
  const faults = await promisify(execFile)(process.execPath, tsc).catch((error: { stdout: string }) => error);
  expect(faults.stdout).toBe("");
});

/** Runs a training of several epochs and ends it with Ctrl-C after the first. */
function interrupted(words: readonly string[], cwd: string): ReturnType<typeof segkit> {
  const longer = words.map((word, i) => (words[i - 1] === "--epochs" ? "6" : word));
  return segkit(longer, { cwd, fate: { like: /^0 /, signals: ["SIGINT"] } });
}

/** Writes a file where the package can be imported by its name; returns its path. */
async function written(name: string, text: string): Promise<string> {
  const folder = join(root, ".cache", "guide");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), text);
  return join(folder, name);
}
