import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { writeStreets } from "../src/data/streets/write.node.ts";
import { unet } from "../src/models/unet/unet.ts";
import { encodeSafetensors } from "../src/nn/safetensors.ts";
import { initialState } from "../src/nn/state.ts";
import { Random } from "../src/util/random.ts";
import { tempFolder, writeDataset } from "./support/dataset.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a program of the repository with the built package, in a folder of its own; its output and that folder. */
async function execute(file: string, args: readonly string[] = []): Promise<{ output: string; folder: string }> {
  const folder = await tempFolder();
  const options = { cwd: folder, env: { ...process.env, EPOCHS: "2" } };
  const program = ["--import", import.meta.resolve("tsx"), join(root, file), ...args];
  const { stdout } = await run(process.execPath, program, options);
  return { output: stdout, folder };
}

describe("examples", () => {
  test("01 trains on the built-in scenes and its loss falls", async () => {
    expect((await execute("examples/01-train-unet.ts")).output).toContain("mean_iou");
  });

  test("02 prints a graph, and gradient descent fits the line", async () => {
    const { output } = await execute("examples/02-gradients-by-hand.ts");
    expect(output).toContain("MatMul(");
    expect(output).toContain("return loss = ");
  });

  test("03 trains with a loss of its own", async () => {
    await execute("examples/03-custom-loss.ts");
  });

  test("05 ends a fit by a callback of its own", async () => {
    const { output } = await execute("examples/05-own-callback.ts");
    const [epochs, ...accuracies] = output.match(/[\d.]+/g)!.map(Number) as [number, ...number[]];
    expect(accuracies).toHaveLength(epochs);
    expect(epochs).toBeLessThan(20);
    expect(accuracies.map((accuracy) => accuracy >= 0.3)).toEqual(accuracies.map((_, i) => i === epochs - 1));
  });
});

describe("fastai's notebooks", () => {
  const small = ["--arch", "efficientnetLite0", "--bs", "2", "--epochs", "1,1,1,1", "--lrFind", "26"] as const;
  let streets: string;
  beforeAll(async () => {
    streets = join(await tempFolder(), "streets");
    await writeStreets(streets, { train: 6, valid: 4, height: 64, width: 96, seed: 1, threads: 0 });
  });

  /** The numbers of the lines that tell of an epoch. */
  const rowsOf = (output: string): string[][] =>
    [...output.matchAll(/^0\t.*$/gm)].map(([line]) => line.split("\t").slice(1, -1));

  test("lesson3-camvid: four stages from pretrained weights, half size and full size", async () => {
    const weights = await encoderWeights();
    const sizes = ["--size", "32x48", "--bigSize", "48x72", "--bigBs", "2"];
    const args = [...small, ...sizes, "--data", streets, "--pretrained", weights, "--out", "out"];
    const { output, folder } = await execute("examples/lesson3-camvid.ts", args);
    const rows = rowsOf(output);
    expect(rows).toHaveLength(4);
    for (const [, , byHand, shipped] of rows) expect(byHand).toBe(shipped);
    expect(output).toMatch(/suggested learning rate: [\d.]+/);
    expect((await readdir(join(folder, "out"))).filter((name) => name.endsWith(".png"))).toEqual([
      ...["batch-valid.png", "batch.png", "confusion.png", "lr-find-big.png", "lr-find.png", "mask.png", "picture.png"],
      ...["results.png", "stage-1-losses.png", "stage-1-lr.png", "stage-1.png", "stage-2-losses.png"],
      "top-losses.png",
    ]);
    const saved = await readdir(join(folder, "out", "models"));
    for (const stage of ["stage-1", "stage-2", "stage-1-big", "stage-2-big"])
      expect(saved).toContain(`${stage}.safetensors`);
  });

  test("lesson3-camvid-tiramisu: four stages with a bottleneck, in SegNet's layout", async () => {
    const data = await asSegNet(streets);
    const args = [...small, "--size", "32x48", "--data", data, "--pretrained", "false"];
    const { output, folder } = await execute("examples/lesson3-camvid-tiramisu.ts", args);
    expect(rowsOf(output)).toHaveLength(4);
    expect(output).toContain("Total params");
    expect(await readdir(join(folder, "runs", "lesson3-camvid-tiramisu"))).toContain("results.png");
  });
});

/** Freshly drawn weights of the encoder alone, under its own names, as a file. */
async function encoderWeights(): Promise<string> {
  const { encoder } = unet({ encoder: "efficientnetLite0", classes: 2 });
  const file = join(await tempFolder(), "encoder.safetensors");
  await writeFile(file, encodeSafetensors(initialState(encoder, new Random(3))));
  return file;
}

/** A dataset as SegNet's copy of CamVid lays it out: train/, trainannot/, val/ and valannot/, equal names. */
async function asSegNet(folder: string): Promise<string> {
  const data = await tempFolder();
  const valid = new Set((await readFile(join(folder, "valid.txt"), "utf8")).trim().split("\n"));
  for (const part of ["train", "trainannot", "val", "valannot"]) await mkdir(join(data, part));
  for (const name of await readdir(join(folder, "images"))) {
    const part = valid.has(name) ? "val" : "train";
    await cp(join(folder, "images", name), join(data, part, name));
    await cp(join(folder, "labels", name.replace(".png", "_P.png")), join(data, `${part}annot`, name));
  }
  return data;
}

describe("README", () => {
  test("the notebook's lines run as they stand, on a small dataset and for an epoch", async () => {
    const readme = await readFile(`${root}README.md`, "utf8");
    const [, code] = /```ts\n([\s\S]*?)```/.exec(readme)!;
    const less = {
      "[360, 480]": "[32, 48]",
      "models.resnet34": "models.efficientnetLite0",
      "bs: 8": "bs: 2",
      "pretrained: true": "pretrained: false",
      "lrFind()": "lrFind({ numIt: 26 })",
      "fitOneCycle(10": "fitOneCycle(1",
      "fitOneCycle(12": "fitOneCycle(1",
    };
    let small = code!;
    for (const [text, other] of Object.entries(less)) {
      expect(small.split(text)).toHaveLength(2);
      small = small.replace(text, other);
    }
    await mkdir(`${root}.cache`, { recursive: true });
    await writeFile(`${root}.cache/notebook.ts`, small);
    const data = await writeDataset({ items: 8, valid: 2, height: 48, width: 64 });
    const { output, folder } = await execute(".cache/notebook.ts", [data]);
    expect(output).toContain("mean_iou");
    expect(await readdir(folder)).toEqual(["losses.png", "lr-find.png", "models", "results.png"]);
  });
});
