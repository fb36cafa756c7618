/** @file The built command line as a server: the masks of `segkit predict`, signals, wrong command lines. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type ModelCard, modelOf } from "../src/inference/card.ts";
import { initialState } from "../src/nn/state.ts";
import { RunFolder } from "../src/train/run-folder.node.ts";
import { Random } from "../src/util/random.ts";
import { type CliEvent, type CliResult, eventsOf, type RunningCli, segkit } from "./support/cli.ts";
import { scene, tempFolder, writePicture } from "./support/dataset.ts";
import { post } from "./support/server.ts";

const classes = ["sky", "road", "car"];
const card: ModelCard = {
  format: 1,
  architecture: {
    ...{ encoder: "mobilenetV3Large", channels: 3, blur: false, blurFinal: true, selfAttention: false, yRange: null },
    ...{ lastCross: true, bottle: false, normType: null },
  },
  ...{ classes, voidIndex: null, palette: classes.map((_, i): [number, number, number] => [50 * i, 0, 90]) },
  size: [32, 48],
  stats: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
};

let root: string;
const at = (...names: string[]): string => join(root, ...names);

beforeAll(async () => {
  root = await tempFolder();
  const run = new RunFolder(at("run"));
  await run.create();
  await run.writeArguments({ data: "streets" });
  await run.writeWeights("best", initialState(modelOf(card), new Random(1)), card);
  await mkdir(at("pictures"));
  for (const [i, name] of ["a", "b", "c"].entries())
    await writePicture(at("pictures", `${name}.png`), scene(40, 50 + i, 3, new Random(i)).image);
});

/** Runs a server until `use`, which is called when it is ready, sends a signal. */
async function serving(
  args: readonly string[],
  use: (url: string, kill: RunningCli["kill"]) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  let url = "";
  let used: Promise<void> = Promise.resolve();
  const result = await segkit(["serve", ...args, "--port", "0", "--json", "--threads", "1"], {
    ...{ cwd: root, env },
    onLine: (line, { kill }) => {
      const event = JSON.parse(line) as CliEvent;
      if (event.event === "listening") url = String(event.url);
      if (event.event !== "ready") return;
      // A second signal would end it at once.
      let killed = false;
      const once: typeof kill = (signal) => {
        if (!killed) kill(signal);
        killed = true;
      };
      used = use(url, once).finally(() => once("SIGTERM"));
    },
  });
  await used;
  return result;
}

const picture = async (name: string): Promise<Buffer<ArrayBuffer>> =>
  Buffer.from(await readFile(at("pictures", `${name}.png`)));

test("serves the masks that segkit predict writes, of a run and of its weights file; ends with code 0", async () => {
  const predicted = await segkit(["predict", "run", "pictures", "--out", "masks", "--threads", "1"], { cwd: root });
  expect(predicted).toMatchObject({ code: 0 });
  for (const [model, signal] of [
    ["run", "SIGTERM"],
    ["run/weights/best.safetensors", "SIGINT"],
  ] as const) {
    const result = await serving([model], async (url, kill) => {
      for (const name of ["a", "b", "c"]) {
        const mask = await (await post(url, await picture(name))).arrayBuffer();
        expect(Buffer.from(mask).equals(await readFile(at("masks", `${name}.png`))), name).toBe(true);
      }
      kill(signal);
    });
    expect(result).toMatchObject({ code: 0, signal: null });
    expect(result.stderr).toBe("stopping when what is under way is done; press Ctrl-C again to leave at once\n");
    expect(eventsOf(result).map(({ event }) => event)).toEqual([
      ...["listening", "ready", "request", "request", "request", "end"],
    ]);
  }
});

test("SIGTERM while pictures are predicted: all of them are answered, then it ends with code 0", async () => {
  const body = await picture("a");
  const result = await serving(["run", "--queue", "100"], async (url, kill) => {
    const first = post(url, body);
    const answers = [first, ...Array.from({ length: 40 }, () => post(url, body))];
    await first;
    kill("SIGTERM");
    const statuses = await Promise.allSettled(answers.map(async (answer) => (await answer).status));
    // Connections that were not accepted yet are refused; none that was is cut off or answered by an error.
    const answered = statuses.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(answered.length).toBeGreaterThan(1);
    expect(answered.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  });
  expect(result).toMatchObject({ code: 0, signal: null });
});

test("a token from a file or the environment, and limits, are those that were asked for", async () => {
  await writeFile(at("token"), "0123456789-abcdef\n");
  const body = await picture("a");
  const tokens = [
    [["--token-file", "token"], {}],
    [[], { SEGKIT_SERVE_TOKEN: "0123456789-abcdef" }],
  ] as const;
  for (const [args, env] of tokens) {
    const result = await serving(
      ["run", ...args, "--max-megapixels", "0.001"],
      async (url) => {
        expect((await post(url, body)).status).toBe(401);
        expect((await post(url, body, { Authorization: "Bearer 0123456789-abcdef" })).status).toBe(413);
      },
      env,
    );
    expect(result.stdout + result.stderr).not.toContain("0123456789-abcdef");
  }
});

describe("wrong command lines", () => {
  test.each([
    ["", "serve: expected one model, but received none\n  Write segkit serve RUN, or the name of a weights file."],
    ["nothing", "serve: nothing does not exist\n"],
    ["pictures", "pictures is not a run folder: it has no args.yaml\n"],
    ["run --weights last", "run has no weights/last.safetensors yet\n"],
    ["run --port 65536", "serve: cannot listen on port 65536 of 127.0.0.1: "],
    ["run --host 192.0.2.1", "serve: cannot listen on port 8000 of 192.0.2.1: "],
    ["run --token-file missing", "--token-file: missing cannot be read: ENOENT"],
    ["run --token-file short", "serve: short holds no token\n"],
  ])("%s", async (line, text) => {
    await writeFile(at("short"), "abc");
    const { code, stderr } = await segkit(["serve", ...line.split(" ").filter(Boolean)], { cwd: root });
    expect(`${code} ${stderr}`).toContain(`2 segkit: ${text}`);
  });

  test("a port that is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.on("listening", resolve));
    const { port } = other.address() as { port: number };
    const { code, stderr } = await segkit(["serve", "run", "--port", String(port)], { cwd: root });
    other.close();
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `segkit: serve: cannot listen on port ${port} of 127.0.0.1: the port is in use\n  Choose another --port or --host; --port 0 takes a free port.\n`,
    });
  });
});
