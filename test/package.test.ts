import { execFile } from "node:child_process";
import { mkdir, readdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { tempFolder } from "./support/dataset.ts";
import { demoModel } from "./support/demo.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));

describe("the packed package, in a project of its own", () => {
  let project = "";

  beforeAll(async () => {
    project = await tempFolder();
    const { stdout } = await run("npm", ["pack", "--pack-destination", project, "--silent"], { cwd: root });
    await run("tar", ["-xzf", stdout.trim().split("\n").at(-1)!], { cwd: project });
    const modules = join(project, "node_modules");
    await mkdir(modules);
    await rename(join(project, "package"), join(modules, "segkit"));
    for (const name of await readdir(join(root, "node_modules")))
      if (!name.startsWith(".")) await symlink(join(root, "node_modules", name), join(modules, name));
    await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }));
  });

  test("runs as a command", async () => {
    const { stdout } = await run(process.execPath, ["node_modules/segkit/bin/segkit.js", "--version"], {
      cwd: project,
    });
    expect(stdout).toMatch(/^segkit \d+\.\d+\.\d+\n$/);
  });

  test("serves plain JavaScript through every entry point, worker threads included", async () => {
    await writeFile(
      join(project, "use.js"),
      `import { databunch, openFolder, unetLearner, writeStreets } from "segkit";
       import { input, add } from "segkit/graph";
       import { namedParameters } from "segkit/nn";
       import { loadPredictor } from "segkit/inference";
       import { memoryData, streetsClasses } from "segkit/web";
       await writeStreets("streets", { train: 2, valid: 2, height: 32, width: 48, seed: 1 });
       const data = databunch(await openFolder("streets"), { size: [32, 48], batchSize: 2 });
       const learn = await unetLearner(data, "resnet18", { threads: 1 });
       const { metrics } = await learn.validate();
       const predictor = await loadPredictor((await learn.export()).bytes);
       const mask = await predictor.predict({ data: new Uint8Array(3 * 20 * 30), height: 20, width: 30 });
       await learn.close();
       console.log(add(input("a", [2]), 1).shape, namedParameters(learn.model).length, Object.keys(metrics), mask.data.length, streetsClasses.length, typeof memoryData);`,
    );
    const { stdout } = await run(process.execPath, ["use.js"], { cwd: project });
    expect(stdout).toMatchInlineSnapshot(`
      "[ 2 ] 106 [ 'acc_camvid', 'mean_iou' ] 600 12 function
      "
    `);
  });

  test("brings the page of segkit demo, and finds ONNX Runtime for it", async () => {
    await writeFile(join(project, "model.onnx"), await demoModel());
    const args = ["node_modules/segkit/bin/segkit.js", "demo", "model.onnx", "--out", "site"];
    await run(process.execPath, args, { cwd: project });
    expect((await readdir(join(project, "site"))).toSorted()).toEqual([
      ...["assets", "icon.svg", "index.html", "model.onnx", "ort", "service-worker.js", "site.json"],
    ]);
    expect(await readdir(join(project, "site", "ort"))).toHaveLength(4);
  });

  test("brings its types", async () => {
    await writeFile(
      join(project, "use.ts"),
      `import { metrics, unet, type Metric } from "segkit";
       const model = unet({ encoder: "resnet34", classes: 3 });
       const first: Metric = metrics.meanIou;
       // @ts-expect-error an encoder that is not in the table
       unet({ encoder: "resnet35", classes: 3 });
       export { first, model };`,
    );
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--skipLibCheck", "--ignoreConfig", "use.ts"];
    await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...options], { cwd: project });
  });
});
