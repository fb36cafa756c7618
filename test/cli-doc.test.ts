/** @file The documentation of the package: everything exported has a docstring, examples compile, `segkit doc` shows both. */
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { Documented, DocumentedExport } from "../src/cli/commands/doc.ts";
import * as graph from "../src/graph/index.ts";
import * as segkit from "../src/index.ts";
import * as inference from "../src/inference/index.node.ts";
import * as nn from "../src/nn/index.ts";
import { segkit as run } from "./support/cli.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules: Record<string, Record<string, unknown>> = {
  ...{ segkit, "segkit/graph": graph, "segkit/nn": nn, "segkit/inference": inference },
};

let docs: readonly DocumentedExport[];

beforeAll(async () => {
  docs = JSON.parse(await readFile(join(root, "dist/docs.json"), "utf8")) as DocumentedExport[];
});

/** The classes that are worked with step by step. */
const withExamples = [
  ...["SegmentationItemList", "SplitItemLists", "LabelLists", "SegmentationData"],
  ...["Learner", "Recorder", "LrFound", "Predictor", "SegmentationInterpretation"],
  ...["FilePredictor", "NodePredictor"],
];

describe("what is exported", () => {
  test("is all documented", () => {
    const names = Object.entries(modules).flatMap(([from, exported]) =>
      Object.keys(exported).map((name) => `${from}: ${name}`),
    );
    expect(docs.map(({ from, name }) => `${from}: ${name}`)).toEqual(expect.arrayContaining(names));
    expect(docs.filter(({ text }) => text === "").map(({ name }) => name)).toEqual([]);
  });

  test("has documented members", () => {
    const members = docs.flatMap((owner) => owner.members.map((member) => ({ owner, member })));
    const silent = members.filter(({ member }) => member.text === "");
    expect(silent.map(({ owner, member }) => `${owner.name}.${member.name}`)).toEqual([]);
  });

  test("has an example where it is a function", () => {
    const isFunction = ({ from, name, signature }: DocumentedExport): boolean =>
      typeof modules[from]![name] === "function" && !/^(abstract )?class /.test(signature);
    const functions = docs.filter(isFunction);
    expect(functions.length).toBeGreaterThan(150);
    expect(functions.filter(({ example }) => example === "").map(({ name }) => name)).toEqual([]);
  });

  test("has an example where it is a method that a user calls", () => {
    const events = docs.find(({ name }) => name === "Callback")!.members.map(({ name }) => name);
    const isMethod = ({ name, signature }: Documented): boolean =>
      new RegExp(`^(static )?${name}(<.*>)?\\(`).test(signature) && name !== "constructor" && !events.includes(name);
    const classes = docs.filter(({ name }) => withExamples.includes(name));
    expect(classes).toHaveLength(withExamples.length);
    const methods = classes.flatMap((owner) => owner.members.filter(isMethod).map((member) => ({ owner, member })));
    expect(methods.length).toBeGreaterThan(80);
    const without = methods.filter(({ member }) => member.example === "");
    expect(without.map(({ owner, member }) => `${owner.name}.${member.name}`)).toEqual([]);
  });

  test("names its sources by their sections alone", () => {
    const all = docs.flatMap((each) => [each, ...each.members]);
    expect(all.filter(({ text }) => /\bspec [\d§]/i.test(text.replaceAll(/fastai-spec §\d/g, "")))).toEqual([]);
  });
});

/** What the examples speak of without having made it. */
const ambient = {
  segkit: `
    declare const folder: string;
    declare const image: RgbImage, mask: IdMask;
    declare const dataset: SegmentationDataset, data: SegmentationData;
    declare const list: SegmentationItemList, split: SplitItemLists, labelled: LabelLists;
    declare const learner: Learner, found: LrFound, interp: SegmentationInterpretation;
    declare const lowered: Parameters<Engine["define"]>[1];
    declare const matrix: ConfusionMatrix, predictor: Predictor;
    declare const runtime: Awaited<ReturnType<typeof openRuntime>>, x: Tensor;`,
  "segkit/graph": "declare const x: Tensor, y: Tensor, a: Tensor, b: Tensor, w: Tensor, bias: Tensor, ids: Tensor;",
  "segkit/nn": "declare const module: Module, bytes: Uint8Array, x: Tensor;",
  "segkit/inference": `
    declare const predictor: NodePredictor, source: PictureSource, a: PixelPicture, b: PixelPicture;
    declare const image: RgbImage, mask: IdMask, bytes: Uint8Array, pixels: Uint8Array;`,
};

describe("the examples", () => {
  test("compile, each in a function of its own, with the exports at hand", async () => {
    const folder = join(root, ".cache", "doc-examples");
    await mkdir(folder, { recursive: true });
    const files = Object.keys(ambient) as (keyof typeof ambient)[];
    const sources = new Map<string, { lines: string[]; owners: string[] }>();
    for (const from of files) {
      const file = `${from.replace("/", "-")}.ts`;
      sources.set(file, sourceOf(from));
      await writeFile(join(folder, file), sources.get(file)!.lines.join("\n"));
    }
    const config = {
      extends: "../../tsconfig.base.json",
      compilerOptions: { types: ["node"], noEmit: true },
      files: [...sources.keys()],
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { code, stdout } = await output([tsc, "-p", folder, "--pretty", "false"]);
    const faults = stdout.split("\n").flatMap((line) => {
      const [, file, at, message] = /(segkit[\w-]*\.ts)\((\d+),\d+\): (.*)/.exec(line) ?? [];
      return file === undefined ? [] : [`${sources.get(file)!.owners[Number(at) - 1]}: ${message}`];
    });
    expect(faults).toEqual([]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(new Set([...sources.values()].flatMap(({ owners }) => owners)).size).toBeGreaterThan(250);
  });
});

/** One file of all examples of a module, and for each of its lines whose it is. */
function sourceOf(from: keyof typeof ambient): { lines: string[]; owners: string[] } {
  const lines: string[] = [];
  const owners: string[] = [];
  const add = (text: string, owner: string): void => {
    for (const line of text.split("\n")) {
      lines.push(line);
      owners.push(owner);
    }
  };
  add(imports(from), "imports");
  add(ambient[from], "what the examples speak of");
  const examples = docs
    .filter((each) => each.from === from)
    .flatMap((each) => [each, ...each.members.map((member) => ({ ...member, name: `${each.name}.${member.name}` }))])
    .filter(({ example }) => example !== "");
  for (const [i, { name, example }] of examples.entries()) {
    add(`async function example${i}() {`, name);
    add(example, name);
    add("}", name);
  }
  add("export {};", "end");
  return { lines, owners };
}

/** The exports of a module, and those of the others that are called otherwise. */
function imports(from: string): string {
  const known = new Set<string>();
  const order = [from, ...Object.keys(modules).filter((other) => other !== from)];
  const statements = order.map((module) => {
    const names = docs.filter((each) => each.from === module && !known.has(each.name)).map(({ name }) => name);
    for (const name of names) known.add(name);
    const specifiers = names.map((name) => (name in modules[module]! ? name : `type ${name}`));
    return `import { ${specifiers.join(", ")} } from "${module}";`;
  });
  return [...statements, 'import { readFile } from "node:fs/promises";'].join("\n");
}

function output(args: readonly string[]): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root }, (error, stdout) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout }),
    );
  });
}

/** The docstrings in the source before what matches, without their stars: texts and examples. */
async function docstrings(file: string, declaration: RegExp): Promise<{ text: string; example: string }> {
  const source = await readFile(join(root, file), "utf8");
  const comment = /[ ]*\/\*\*(?<doc>(?:(?!\*\/)[^])*)\*\/\s*/;
  const found = [...source.matchAll(new RegExp(comment.source + declaration.source, "g"))].map(({ groups }) =>
    groups!.doc!.split("@example").map((part) =>
      part
        .split("\n")
        .map((line) => line.replace(/^ *\* ?/, "").trimEnd())
        .join("\n")
        .trim(),
    ),
  );
  return {
    text: found.map(([text]) => text).join("\n\n"),
    example: found.flatMap(([, ...examples]) => examples).join("\n"),
  };
}

const indented = (text: string, by: number): string => text.replaceAll(/^(?=.)/gm, " ".repeat(by));

describe("segkit doc", () => {
  test("shows a name's docstrings as they stand in the source, then its example", async () => {
    const { text, example } = await docstrings("src/optim/groups.ts", /export function slice/);
    const { stdout, code } = await run(["doc", "slice"]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'slice   from "segkit", src/optim/groups.ts\n\n' +
        "function slice(stop: number): Slice\nfunction slice(start: number, stop: number): Slice\n\n" +
        `${text}\n\nExample:\n${indented(example, 4)}\n\nslice   from "segkit/graph"`,
    );
    expect(text).toMatch(/layer group[^]*\n\n.*geometric row/);
  });

  test("shows a member, by its name alone too", async () => {
    const { text, example } = await docstrings("src/train/learner.ts", / {2}fitOneCycle\(/);
    const { stdout } = await run(["doc", "Learner.fitOneCycle"]);
    expect(stdout.startsWith('Learner.fitOneCycle   from "segkit", src/train/learner.ts\n\nfitOneCycle(epochs')).toBe(
      true,
    );
    expect(stdout).toContain(`\n\n${text}\n\nExample:\n${indented(example, 4)}\n`);
    expect((await run(["doc", "fitOneCycle"])).stdout).toBe(stdout);
  });

  test("shows a class with its members, those it inherits among them", async () => {
    const { stdout } = await run(["doc", "Learner"]);
    expect(stdout).toContain("\n  fineTune(epochs");
    expect(stdout).toContain("\n  showResults(options");
    expect(stdout).toContain("\n      Example:\n          await learner.unfreeze();\n");
  });

  test("gives what a docstring of its own would say where a class has that of its interface", async () => {
    const { stdout } = await run(["doc", "EarlyStopping"]);
    expect(stdout).toContain("epochEnd(state: FitState, result: EpochResult): void\n      After the validation");
  });

  test("lists every name under what it is imported from", async () => {
    const { stdout, code } = await run(["doc"]);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.filter((line) => line.endsWith(":") && !line.startsWith(" "))).toEqual([
      ...["segkit:", "segkit/graph:", "segkit/nn:", "segkit/inference:"],
    ]);
    expect(lines).toHaveLength(docs.length + 4);
    expect(lines.every((line) => !line.startsWith("  ") || /^ {2}\S+ +\S/.test(line))).toBe(true);
  });

  test("speaks JSON", async () => {
    const [shown, listed] = await Promise.all([run(["doc", "slice", "--json"]), run(["doc", "--json"])]);
    const events = shown.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Documented & { event: string });
    expect(events.map(({ event, name }) => [event, name])).toEqual([
      ["doc", "slice"],
      ["doc", "slice"],
    ]);
    expect(events[0]).toMatchObject(await docstrings("src/optim/groups.ts", /export function slice/));
    expect(JSON.parse(listed.stdout)).toEqual({ event: "docs", names: docs.map(({ name }) => name) });
  });

  test("says which name may be meant, and takes one at a time", async () => {
    const unknown = await run(["doc", "fitOneCycel"]);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/nothing exported is named fitOneCycel[^]*Did you mean fitOneCycle\?/);
    const two = await run(["doc", "slice", "unet"]);
    expect(two.code).toBe(2);
    expect(two.stderr).toContain("expected one name, but received slice unet");
  });
});
