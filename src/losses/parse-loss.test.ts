import { expect, test } from "vitest";
import { runGraph } from "../../test/support/run-graph.ts";
import { input } from "../graph/tensor.ts";
import type { SegkitError } from "../util/errors.ts";
import { crossEntropy } from "./cross-entropy.ts";
import { focal } from "./focal.ts";
import { lossNamed } from "./index.ts";
import type { Loss } from "./loss.ts";
import { lovaszSoftmax } from "./lovasz-softmax.ts";
import { dice, tversky } from "./overlap.ts";
import { parseLoss } from "./parse-loss.ts";
import { sumLoss } from "./sum-loss.ts";

const x = input("x", [1, 3, 2, 2]);
const y = input("y", [1, 2, 2], "int32");

async function valueOf(loss: Loss): Promise<number> {
  const feeds = new Map<typeof x, Float32Array | Int32Array>([
    [x, Float32Array.from({ length: 12 }, (_, i) => Math.sin(3 * i))],
    [y, Int32Array.of(0, 2, 1, 255)],
  ]);
  return Number((await runGraph({ loss: loss(x, y) }, feeds)).loss![0]);
}

const weight = [1, 4, 2];

test.each<[string, Loss]>([
  ["crossEntropy", crossEntropy()],
  [" dice ", dice()],
  ["1*dice", dice()],
  [
    "crossEntropy+0.5*dice",
    sumLoss([
      [1, crossEntropy()],
      [0.5, dice()],
    ]),
  ],
  [
    "1e-1 * focal(gamma=3, alpha=0.25) + 2*lovaszSoftmax(perImage=true)",
    sumLoss([
      [0.1, focal({ gamma: 3, alpha: 0.25 })],
      [2, lovaszSoftmax({ perImage: true })],
    ]),
  ],
  ["1e+1*dice(smooth=1e+1,logLoss=true)", sumLoss([[10, dice({ smooth: 10, logLoss: true })]])],
  ["tversky()", tversky()],
])("%j", async (text, expected) => {
  expect(await valueOf(parseLoss(text))).toBeCloseTo(await valueOf(expected), 6);
});

test("the options go to every term", async () => {
  const both = sumLoss([
    [1, crossEntropy({ weight, ignoreIndex: 1 })],
    [0.5, dice({ weight, ignoreIndex: 1 })],
  ]);
  const parsed = parseLoss("crossEntropy+0.5*dice", { weight, ignoreIndex: 1 });
  expect(await valueOf(parsed)).toBeCloseTo(await valueOf(both), 6);
  expect(await valueOf(lossNamed("dice", { weight }))).toBeCloseTo(await valueOf(dice({ weight })), 6);
});

test("texts that are no loss are refused with a remedy", () => {
  const texts = ["dise", "", "crossEntropy+", "0*dice", "half*dice", "crossEntropy dice", "toString", "dice(smooth=1"];
  const settings = ["focal(gama=3)", "focal(gamma=big)", "focal(gamma)", "dice(logLoss=1)", "dice(smooth=-1)"];
  expect([...texts, ...settings].map(refusal).join("\n")).toMatchInlineSnapshot(`
    "ConfigError: loss: expected a known name, but received "dise" | Did you mean dice? Known losses: crossEntropy, focal, dice, jaccard, lovaszSoftmax, tversky.
    ConfigError: loss: expected NAME or FACTOR*NAME, but received "" in "" | Write a loss as crossEntropy, or a sum as crossEntropy+0.5*dice.
    ConfigError: loss: expected NAME or FACTOR*NAME, but received "" in "crossEntropy+" | Write a loss as crossEntropy, or a sum as crossEntropy+0.5*dice.
    ConfigError: loss: expected NAME or FACTOR*NAME, but received "0*dice" in "0*dice" | Write a loss as crossEntropy, or a sum as crossEntropy+0.5*dice.
    ConfigError: loss: expected NAME or FACTOR*NAME, but received "half*dice" in "half*dice" | Write a loss as crossEntropy, or a sum as crossEntropy+0.5*dice.
    ConfigError: loss: expected a known name, but received "crossEntropy dice" | Known losses: crossEntropy, focal, dice, jaccard, lovaszSoftmax, tversky.
    ConfigError: loss: expected a known name, but received "toString" | Known losses: crossEntropy, focal, dice, jaccard, lovaszSoftmax, tversky.
    ConfigError: loss: expected NAME or FACTOR*NAME, but received "dice(smooth=1" in "dice(smooth=1" | Write a loss as crossEntropy, or a sum as crossEntropy+0.5*dice.
    ConfigError: loss: focal has no setting "gama" | Did you mean gamma? It has gamma, alpha.
    ConfigError: loss: focal: expected a number for gamma, but received "big"
    ConfigError: loss: focal: expected a number for gamma, but received ""
    ConfigError: loss: dice: expected true or false for logLoss, but received "1"
    ConfigError: dice: smooth: expected a number of at least 0, but received -1"
  `);
});

test("sums without a term or with a factor of 0", () => {
  expect(() => sumLoss([])).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: sumLoss: expected at least one loss, but received none]`,
  );
  expect(() => sumLoss([[0, dice()]])).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: sumLoss: expected factors above 0, but received 0]`,
  );
});

test("classes that are none, or all of weight 0", () => {
  expect(() => dice({ classes: [3] })(x, y)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: dice: classes: expected ids in [0, 2], but received 3]`,
  );
  expect(() => dice({ classes: [] })(x, y)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: dice: classes: expected ids in [0, 2], but received none]`,
  );
  expect(() => dice({ classes: [0], weight: [0, 1, 1] })(x, y)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: dice: expected a class with a weight above 0, but received 0, 0, 0]`,
  );
});

function refusal(text: string): string {
  try {
    parseLoss(text);
  } catch (error) {
    const { name, message, hint } = error as SegkitError;
    return `${name}: ${message}${hint === undefined ? "" : ` | ${hint}`}`;
  }
  return "accepted";
}
