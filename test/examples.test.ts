import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { writeDataset } from "./support/dataset.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a program of the repository against the sources; its output. */
async function execute(file: string, args: readonly string[] = []): Promise<string> {
  const options = { cwd: root, env: { ...process.env, EPOCHS: "2" } };
  const { stdout } = await run(process.execPath, ["--import", "tsx", "--conditions=source", file, ...args], options);
  return stdout;
}

describe("examples", () => {
  test("01 trains on the built-in scenes and its loss falls", async () => {
    expect(await execute("examples/01-train-unet.ts")).toContain("mean_iou");
  });

  test("02 prints a graph, and gradient descent fits the line", async () => {
    const output = await execute("examples/02-gradients-by-hand.ts");
    expect(output).toContain("MatMul(");
    expect(output).toContain("return loss = ");
  });

  test("03 trains with a loss of its own", async () => {
    await execute("examples/03-custom-loss.ts");
  });
});

describe("README", () => {
  test("the notebook's lines run as they stand, on a small dataset and for an epoch", async () => {
    const readme = await readFile(`${root}README.md`, "utf8");
    const [, code] = /```ts\n([\s\S]*?)```/.exec(readme)!;
    const small = code!
      .replace("[180, 240]", "[32, 48]")
      .replace("resnet34", "resnet18")
      .replace("bs: 8", "bs: 2")
      .replaceAll(/fitOneCycle\(\d+/g, "fitOneCycle(1")
      .replace("stage-1", ".cache/stage-1");
    expect(small.match(/fitOneCycle\(1,/g)).toHaveLength(2);
    await mkdir(`${root}.cache`, { recursive: true });
    await writeFile(`${root}.cache/notebook.ts`, small);
    const folder = await writeDataset({ items: 8, valid: 2, height: 48, width: 64 });
    expect(await execute(".cache/notebook.ts", [folder])).toContain("mean_iou");
  });
});
