import { readFileSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { tempFolder, writeDataset } from "../../test/support/dataset.ts";
import { SegkitError } from "../util/errors.ts";
import { SegmentationItemList } from "./item-list.node.ts";
import type { SplitItemLists } from "./split-lists.node.ts";

const golden = JSON.parse(
  readFileSync(new URL("../../test/golden/rng_and_splits.json", import.meta.url), "utf8"),
) as Readonly<Record<string, { readonly train: string[]; readonly valid: string[] } & string[]>>;

/** Message, exit code and hint of an error, without the folder's own path. */
async function failure(work: () => unknown, root = "nowhere"): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof SegkitError)
      return `${error.exitCode}: ${error.message}\n→ ${error.hint}`.replaceAll(root, "ROOT");
    throw error;
  }
  throw new Error("expected an error");
}

const rows = ["a", "b", "c"].map((name, i) => ({ name, mask: `${name}_P.png`, held: i === 1, part: "n" }));
const twenty = SegmentationItemList.fromDf(
  Array.from({ length: 20 }, (_, i) => ({ name: `f${String(i).padStart(2, "0")}` })),
  { suffix: ".png" },
);
const stems = (files: readonly { readonly image: string }[]): string[] =>
  files.map(({ image }) => path.basename(image, ".png"));

describe("sources", () => {
  test("a folder, its ids unique", async () => {
    const folder = await tempFolder();
    await mkdir(path.join(folder, "sub"));
    for (const name of ["a.png", "a.jpg", "sub/a.png"]) await writeFile(path.join(folder, name), "");
    const list = await SegmentationItemList.fromFolder(folder);
    expect(list.items.map(({ id }) => id)).toEqual(["a.jpg", "a.png", "sub/a"]);
    expect(list.files[2]).toBe(path.join(folder, "sub", "a.png"));
    await expect(SegmentationItemList.fromFolder(folder, { extensions: ["tif"] })).rejects.toThrow("holds no images");
  });

  test("rows of a table, and of a CSV file", async () => {
    const list = SegmentationItemList.fromDf(rows, { path: "/data", folder: "images", suffix: ".png" });
    expect(list.files[1]).toBe(path.resolve("/data/images/b.png"));
    expect(list.items[1]).toMatchObject({ id: "images/b", row: rows[1] });
    const folder = await tempFolder();
    await writeFile(path.join(folder, "list.csv"), 'file;note\n"a;1.png";x\nb.png;y\n');
    const fromCsv = await SegmentationItemList.fromCsv(folder, "list.csv", { delimiter: ";" });
    expect(fromCsv.items.map(({ name }) => name)).toEqual(["a;1.png", "b.png"]);
    expect(() => SegmentationItemList.fromDf([{ name: "" }])).toThrow("data: fromDf: no value in column 0");
  });
});

describe("filters", () => {
  test("keep what is asked for", async () => {
    expect(stems(twenty.filterByFunc((file) => file.endsWith("7.png")).items)).toEqual(["f07", "f17"]);
    expect(stems(twenty.usePartialData(0.3, 42).items)).toEqual(golden.use_partial_data_0_3_seed42);
    const filed = SegmentationItemList.fromDf(["x/a", "y/b", "c"].map((name) => ({ name })));
    expect(filed.filterByFolder({ include: ["x"] }).items.map(({ id }) => id)).toEqual(["x/a"]);
    expect(filed.filterByFolder({ exclude: ["x"] }).items.map(({ id }) => id)).toEqual(["y/b", "c"]);
  });

  test("filterByRand draws Python's numbers", () => {
    // random.seed(42): 0.639, 0.025, 0.275, 0.223, 0.736 …
    expect(stems(twenty.filterByRand(0.5, 42).items).slice(0, 3)).toEqual(["f01", "f02", "f03"]);
  });

  test("toText writes paths that splitByFiles reads", async () => {
    const root = await writeDataset();
    const list = await SegmentationItemList.fromFolder(path.join(root, "images"));
    await list
      .filterByFunc((file) => file.includes("_00"))
      .usePartialData(0.5, 1)
      .toText("../part.txt");
    const text = await readFile(path.join(root, "part.txt"), "utf8");
    expect(list.splitByFnameFile("../part.txt").valid).toHaveLength(3);
    expect(text.split("\n")).toHaveLength(4);
  });
});

describe("splits", () => {
  test("fastai's, by their names", async () => {
    const { train, valid } = twenty.splitByRandPct(0.2, 42);
    expect({ train: stems(train), valid: stems(valid) }).toEqual(golden.split_by_rand_pct_0_2_seed42);
    expect(twenty.splitByRandPct()).toEqual(twenty.splitByRandPct(0.2, 0));
    expect(twenty.splitByRandPct(0).valid).toEqual([]);
    expect(stems(twenty.splitSubsets(0.5, 0.2, 42).valid)).toEqual(golden.split_subsets_0_5_0_2_seed42!.valid);
    expect(twenty.splitNone().train).toHaveLength(20);
    expect(stems(twenty.splitByIdx([3, 1]).valid)).toEqual(["f03", "f01"]);
    expect(stems(twenty.splitByIdxs([3], [1]).train)).toEqual(["f03"]);
    expect(stems(twenty.splitByValidFunc((file) => file.includes("f1")).valid)).toHaveLength(10);
    expect(stems(twenty.splitByFiles(["f05.png", "f19"]).valid)).toEqual(["f05", "f19"]);
    const [few, many] = [twenty.usePartialData(0.1), twenty.usePartialData(0.5)];
    expect(twenty.splitByList(many, few).valid).toHaveLength(2);
    expect(stems(SegmentationItemList.fromDf(rows).splitFromDf("held").valid)).toEqual(["b"]);
    expect(twenty.splitByGroup(/^f(\d)/, { validPct: 0.5 }).valid).toHaveLength(10);
    expect(twenty.splitKFold({ k: 5, fold: 4 }).valid).toHaveLength(4);
    const filed = SegmentationItemList.fromDf(["train/a", "valid/b"].map((name) => ({ name })));
    expect(stems(filed.splitByFolder().valid)).toEqual(["b"]);
  });

  test("a table is needed for splitFromDf", async () => {
    const list = await SegmentationItemList.fromFolder(path.join(await writeDataset(), "images"));
    expect(await failure(() => list.splitFromDf("held"))).toMatchInlineSnapshot(`
      "2: splitFromDf: the list was not made from a table
      → Begin with fromDf or fromCsv."
    `);
    expect(await failure(() => SegmentationItemList.fromDf(rows).splitFromDf("part"))).toContain(
      "validation list empty",
    );
  });
});

describe("labels", () => {
  test("from names in a pattern, a column, lists, and one for all", async () => {
    const root = await writeDataset({ items: 3, valid: 1 });
    const list = await SegmentationItemList.fromFolder(path.join(root, "images"));
    const masks = [0, 1, 2].map((i) => path.join(root, "labels", `scene_00${i}_P.png`));
    const of = ({
      dataset: { train, valid },
    }: {
      dataset: { train: readonly { mask: string }[]; valid: readonly { mask: string }[] };
    }) => [...train, ...valid].map(({ mask }) => mask);
    const split = list.splitByIdx([2]);
    expect(of(split.labelFromFunc((file) => file.replace("images", "labels").replace(".png", "_P.png")))).toEqual(
      masks,
    );
    expect(of(split.labelFromRe(/(.*)\.png$/, { folder: "../labels", suffix: "_P.png" }))).toEqual(masks);
    const full = split.labelFromRe(/images\/(.*)\.png$/, { fullPath: true, folder: "../labels", suffix: "_P.png" });
    expect(of(full)).toEqual(masks);
    expect(of(split.labelFromLists(masks.slice(0, 2), masks.slice(2)))).toEqual(masks);
    expect(of(split.labelConst(masks[1]!))).toEqual([masks[1], masks[1], masks[1]]);
    const table = masks.map((mask, i) => ({ name: `scene_00${i}.png`, mask: path.basename(mask) }));
    const df = SegmentationItemList.fromDf(table, { path: path.join(root, "images") });
    expect(of(df.splitByIdx([2]).labelFromDf({ folder: "../labels" }))).toEqual(masks);
    expect(full.dataset).toMatchObject({ classes: ["sky", "road", "car", "void"], voidIndex: 3 });
  });

  test("before a split, without classes, and without masks are errors at once", async () => {
    const root = await writeDataset();
    const list = await SegmentationItemList.fromFolder(path.join(root, "images"));
    const getMask = (file: string) => file.replace("images", "labels");
    expect(await failure(() => (list as unknown as SplitItemLists).labelFromFunc(getMask))).toMatchInlineSnapshot(`
      "2: labelFromFunc: the pictures are not split yet
      → Call a split before, such as splitByRandPct(); splitNone() trains on all of them."
    `);
    expect(await failure(() => list.splitNone().labelFromFunc(getMask), root)).toMatchInlineSnapshot(`
      "3: data: image scene_000.png has no mask: ROOT/labels/scene_000.png does not exist (6 of 6 images have none)
      → Mend the way to the masks, add the file, or leave the image out with filterByFunc."
    `);
    await rm(path.join(root, "codes.txt"));
    expect(await failure(() => list.splitNone().labelFromFunc(getMask))).toMatchInlineSnapshot(`
      "2: labelFromFunc: the class names are unknown
      → Give them as { classes: ["sky", …] }, the position being the id, or write a codes.txt beside the images."
    `);
    expect(await failure(() => list.splitNone().labelFromFunc(getMask, { classes: ["a", "a"] })))
      .toMatchInlineSnapshot(`
      "3: data: the list of classes names class "a" twice (lines 1 and 2)
      → Give every id its own name."
    `);
    expect(await failure(() => list.splitNone().labelFromRe(/^\d(.*)/, { classes: ["a", "b"] })))
      .toMatchInlineSnapshot(`
      "3: data: labelFromRe: /^\\d(.*)/ captures nothing in scene_000.png
      → Put the mask's name in parentheses, such as /^(.*)\\.jpg$/."
    `);
    expect(await failure(() => list.splitNone().labelFromLists(["x"], [], { classes: ["a", "b"] })))
      .toMatchInlineSnapshot(`
      "2: labelFromLists: expected 6 masks for train, but received 1
      → undefined"
    `);
  });

  test("names that match nothing are told", async () => {
    const root = await writeDataset();
    await writeFile(path.join(root, "wrong.txt"), "labels/x.png\nscene_001.png\n");
    const list = await SegmentationItemList.fromFolder(path.join(root, "images"));
    const lists = list
      .splitByFnameFile("wrong.txt", root)
      .labelFromFunc((file) => file.replace("images", "labels").replace(".png", "_P.png"));
    const unmatched = "names in wrong.txt that match no image: 1, such as labels/x.png";
    expect(lists.dataset.notes).toEqual([unmatched]);
    const told: string[] = [];
    const data = await lists.databunch({ bs: 1, workers: 0, onNote: (note) => told.push(note) });
    expect(told).toEqual([unmatched]);
    expect(data.notes).toEqual([unmatched]);
    expect(lists.filterByFunc((_, mask) => mask.endsWith("scene_000_P.png")).dataset.train).toHaveLength(4);
  });
});
