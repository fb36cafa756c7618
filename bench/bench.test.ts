import { describe, expect, test } from "vitest";
import { cases, casesNamed } from "./cases.ts";
import { measure } from "./measure.ts";
import type { Participant, Task } from "./participants.ts";
import { caseReport, lossLine } from "./report.ts";
import { Standings } from "./standings.ts";
import { fittedExponent, medianRatio } from "./statistics.ts";
import { givenFor, switchedTarget, switchOptions } from "./switches.ts";
import { reasonOf } from "./unmeasured.ts";
import { cpuTarget } from "../src/onnx/target.ts";
import { median } from "../src/util/median.ts";

/** A participant that says its turns take so many seconds. */
function saying(name: string, seconds: number, more: Partial<Participant> = {}, loss = 2): Participant {
  const program = `
    console.log(JSON.stringify({ ready: true, firstLoss: ${loss} }));
    require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
      console.log(line === "end" ? '{"peakBytes": 3e6}' : '{"seconds": ${seconds}}');
      if (line === "end") process.exit();
    });`;
  return { name, family: name, command: () => [process.execPath, "-e", program], ...more };
}

const ending = (name: string, program: string): Participant => ({
  ...{ name, family: name },
  command: () => [process.execPath, "-e", program],
});

const task: Task = {
  ...{ problem: cases["train-small"], threads: 1, python: "python3", given: [], folder: "", data: "" },
};
const options = { repeats: 3, cap: 5, progress: () => {} };

describe("measure", () => {
  test("the fastest of a family goes through all rounds; what cannot run is named", async () => {
    const results = await measure(
      "train",
      [
        saying("own", 1),
        saying("A, slow", 3, { family: "A" }),
        saying("A, fast", 2, { family: "A" }),
        saying("A, slow, compiled", 1, { family: "A", after: "A, slow" }),
        ending("B", `throw new Error("Kernel 'Conv' not registered for backend 'wasm'")`),
        ending("C", `process.kill(process.pid, "SIGKILL")`),
        { ...ending("D", ""), command: () => ["no-such-program"] },
        saying("E, slow", 20, { at: "small" }),
      ],
      task,
      options,
    );
    expect(caseReport("train-small", cases["train-small"], results, true)).toMatchInlineSnapshot(`
      "### train-small: training step, small: resnet34 U-Net, batch 2, 32×32

      |                   | turns | median s | min s | max s | time / segkit's | peak MB |                                     |
      | ----------------- | ----- | -------- | ----- | ----- | --------------- | ------- | ----------------------------------- |
      | own               |     3 |    1.000 | 1.000 | 1.000 |            1.00 |       3 |                                     |
      | A, slow           |     1 |    3.000 | 3.000 | 3.000 |            3.00 |       3 | trial only: slower than another     |
      | A, fast           |     3 |    2.000 | 2.000 | 2.000 |            2.00 |       3 |                                     |
      | A, slow, compiled |       |          |       |       |                 |         | not run: A, slow is not the fastest |
      | B                 |       |          |       |       |                 |         | no kernel Conv on wasm              |
      | C                 |       |          |       |       |                 |         | killed, probably out of memory      |
      | D                 |       |          |       |       |                 |         | not installed: no-such-program      |
      | E, slow           |     1 |     20.0 |  20.0 |  20.0 |           20.00 |       3 | trial only                          |

      - loss of the first step, from the same weights and batch: 2.0000 for all 4
      - A, fast takes 2.00 times segkit's time, segkit's peak memory is 1.00 of it
      - E, slow takes 20.00 times segkit's time, segkit's peak memory is 1.00 of it
      "
    `);
  });

  test("a turn that takes too long is ended", async () => {
    const hanging = `console.log('{"ready":true}'); setInterval(() => {}, 1000)`;
    const [result] = await measure("train", [ending("A", hanging)], task, { ...options, cap: 0.2 });
    expect(result).toMatchObject({ seconds: [], note: "more than 0.2 s" });
  });
});

test("another loss of the first step is another computation", async () => {
  const results = await measure("train", [saying("own", 1), saying("A", 1, {}, 2.1)], task, options);
  expect(lossLine(results)).toMatch(/^NOT THE SAME COMPUTATION/);
});

describe("standings", () => {
  const result = (name: string, seconds: number) => ({
    ...{ name, family: "A", seconds: [seconds], peakBytes: NaN, about: {} },
  });
  const participant = (name: string, at?: "small" | "large"): Participant => ({
    ...{ name, family: "A", command: () => [] },
    ...(at === undefined ? {} : { at }),
  });

  test("a slow participant is estimated by pixels", () => {
    const standings = new Standings();
    standings.remember(cases["train-small"], [result("slow", 2)]);
    expect(standings.bar(cases["train-192x256"], participant("slow", "small"))).toBe(
      "not run: about 192.0 s, by the pixels of the small case",
    );
  });

  test("a variant that was far from the best is not tried again", () => {
    const standings = new Standings();
    standings.remember(cases["train-192x256"], [result("best", 2), result("close", 2.4), result("far", 2.8)]);
    const bar = (name: string) => standings.bar(cases["train-96x128"], participant(name, "large"));
    expect([bar("best"), bar("close")]).toEqual([undefined, undefined]);
    expect(bar("far")).toMatch(/^not run: 1.40 times the best in training step/);
  });
});

test("statistics", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(medianRatio([2, 6, 4], [1, 2])).toBe(2.5);
  expect(fittedExponent([1, 2, 4, 8].map((x) => [x, 5 * x ** 1.5] as const))).toBeCloseTo(1.5, 12);
});

test("a case is found by how its name begins", () => {
  expect(casesNamed(["infer-7", "start"]).map(([name]) => name)).toEqual(["infer-720x960", "start"]);
  expect(() => casesNamed(["nothing"])).toThrow('no case begins with "nothing"');
});

test("every optimisation of the target has a switch that turns it off", () => {
  const names = Object.keys(switchOptions);
  const off = switchedTarget(cpuTarget, names);
  expect(names).toContain("no-fused-conv");
  expect(Object.values(off.optimizations).filter((value) => value === true)).toEqual([]);
});

test("a case is told what concerns its kind", () => {
  const values = { "no-winograd": true, "no-simd": true, "no-channels-last": true, memory: "2GB", tune: false };
  expect(givenFor("train", values)).toEqual(["--no-winograd", "--memory", "2GB", "--no-simd"]);
  expect(givenFor("infer", values)).toEqual(["--no-winograd", "--no-channels-last"]);
  expect(givenFor("pipeline", values)).toEqual(["--no-simd"]);
  expect(givenFor("start", values)).toEqual([]);
});

test("last words become reasons", () => {
  const end = { code: 1, signal: null };
  expect(reasonOf("ModuleNotFoundError: No module named 'torch'", end)).toBe("not installed: torch");
  expect(reasonOf("Cannot find package '@jax-js/jax' imported from x", end)).toBe("not installed: @jax-js/jax");
  expect(reasonOf("", { code: null, signal: "SIGKILL" })).toBe("killed, probably out of memory");
  expect(reasonOf("noise\nTypeError: x is not a function", end)).toBe("failed: TypeError: x is not a function");
});
