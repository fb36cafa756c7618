/** @file The built command line's `segkit demo`: what it serves, writes and refuses. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { modelOf } from "../src/inference/card.ts";
import { readModelSpec } from "../src/inference/read-spec.ts";
import { initialState } from "../src/nn/state.ts";
import { RunFolder } from "../src/train/run-folder.node.ts";
import type { SiteInfo } from "../src/serve/demo/site-info.ts";
import { Random } from "../src/util/random.ts";
import { type CliEvent, eventsOf, segkit, segkitHere } from "./support/cli.ts";
import { tempFolder, writeDataset } from "./support/dataset.ts";
import { demoCard, demoModel } from "./support/demo.ts";

let root: string;
const at = (...names: string[]): string => join(root, ...names);

async function writeRun(name: string, data: string): Promise<void> {
  const run = new RunFolder(at(name));
  await run.create();
  await run.writeArguments({ data });
  await run.writeWeights("best", initialState(modelOf(demoCard), new Random(1)), demoCard);
}

beforeAll(async () => {
  root = await tempFolder();
  await writeRun("run", await writeDataset());
  await writeRun("lost", at("nowhere"));
  await writeFile(at("model.onnx"), await demoModel());
  await mkdir(at("empty"));
});

async function infoAt(folder: string): Promise<SiteInfo> {
  return JSON.parse(await readFile(at(folder, "site.json"), "utf8")) as SiteInfo;
}

test("serves the page of a run with its pictures until Ctrl-C, which gives code 130", async () => {
  let checked: Promise<void> = Promise.resolve();
  const result = await segkit(["demo", "run", "--port", "0", "--json"], {
    cwd: root,
    onLine: (line, { kill }) => {
      const event = JSON.parse(line) as CliEvent;
      if (event.event === "listening") checked = check(String(event.url)).finally(() => kill("SIGINT"));
    },
  });
  await checked;
  expect({ code: result.code, events: eventsOf(result).map(({ event }) => event) }).toEqual({
    code: 130,
    events: ["listening", "error"],
  });

  async function check(url: string): Promise<void> {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(url)).text()).toContain("<title>segkit</title>");
    const info = (await (await fetch(`${url}/site.json`)).json()) as SiteInfo;
    expect(info.name).toBe("run");
    expect(info.pictures.map(({ name }) => name)).toEqual(["scene_004.png", "scene_005.png"]);
    const spec = readModelSpec(new Uint8Array(await (await fetch(`${url}/model.onnx`)).arrayBuffer()));
    expect(spec).toMatchObject({ names: demoCard.classes, run: "run" });
    const picture = await sharp(await (await fetch(`${url}/pictures/2.jpg`)).arrayBuffer()).metadata();
    expect(picture).toMatchObject({ format: "jpeg", width: 32, height: 24 });
  }
});

test("writes the page of an exported file into a folder", async () => {
  const { code, stdout } = await segkitHere(["demo", "model.onnx", "--out", "site"], { cwd: root });
  expect(`${code} ${stdout}`).toBe(
    "0 making the page of model.onnx\nthe page is in site: put it on any web server, best with https",
  );
  expect(await infoAt("site")).toMatchObject({ name: "model", pictures: [] });
  expect((await readFile(at("site", "model.onnx"))).equals(await readFile(at("model.onnx")))).toBe(true);
  expect((await readdir(at("site"))).toSorted()).toEqual([
    ...["assets", "icon.svg", "index.html", "model.onnx", "ort", "service-worker.js", "site.json"],
  ]);
});

test("does without pictures where they are gone, and says so; or where none are wanted", async () => {
  const lost = await segkitHere(["demo", "lost", "--out", "lost-site"], { cwd: root });
  expect(lost.stderr).toBe(
    `note: the page offers no pictures of the run: data: folder ${at("nowhere")} does not exist\n`,
  );
  expect(await infoAt("lost-site")).toMatchObject({ name: "lost", pictures: [] });
  const none = await segkitHere(["demo", "run", "--no-pictures", "--out", "bare-site"], { cwd: root });
  expect(none).toMatchObject({ code: 0, stderr: "" });
  expect(await infoAt("bare-site")).toMatchObject({ pictures: [] });
});

describe("wrong command lines", () => {
  test.each([
    [
      "",
      "demo: expected one model, but received none\n  Write segkit demo RUN, or the name of a file that segkit export wrote.",
    ],
    ["run run", "demo: expected one model, but received run run\n"],
    ["nothing", "nothing is not a run folder: it has no args.yaml\n"],
    ["empty", "empty is not a run folder: it has no args.yaml\n"],
    ["nothing.onnx", "nothing.onnx: cannot be read: ENOENT"],
    ["run --weights last", "run has no weights/last.safetensors yet\n"],
    ["model.onnx --port 65536", "demo: cannot listen on port 65536 of 127.0.0.1: "],
    ["model.onnx --host 192.0.2.1", "demo: cannot listen on port 8080 of 192.0.2.1: "],
  ])("%s", async (line, text) => {
    const { code, stderr } = await segkitHere(["demo", ...line.split(" ").filter(Boolean)], { cwd: root });
    expect(`${code} ${stderr}`).toContain(`2 segkit: ${text}`);
  });

  test("a file that is no model", async () => {
    await writeFile(at("broken.onnx"), "abc");
    const { code, stderr } = await segkitHere(["demo", "broken.onnx"], { cwd: root });
    expect(`${code} ${stderr}`).toContain("7 segkit: broken.onnx: ");
  });

  test("a folder that cannot be written, and a port that is in use", async () => {
    const refused = await segkitHere(["demo", "model.onnx", "--out", "model.onnx/site"], { cwd: root });
    expect(`${refused.code} ${refused.stderr}`).toContain("4 segkit: folder model.onnx/site cannot be written: ");
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.on("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await segkitHere(["demo", "model.onnx", "--port", String(port)], { cwd: root });
    other.close();
    expect(`${code} ${stderr}`).toBe(
      `2 segkit: demo: cannot listen on port ${port} of 127.0.0.1: the port is in use\n  Choose another --port or --host; --port 0 takes a free port.\n`,
    );
  });
});
