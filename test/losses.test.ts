import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { gradients } from "../src/graph/grad.ts";
import { input, type Tensor } from "../src/graph/tensor.ts";
import { type LossName, losses } from "../src/losses/index.ts";
import type { Loss, LossOptions } from "../src/losses/loss.ts";
import { parseLoss } from "../src/losses/parse-loss.ts";
import { lower } from "../src/onnx/lower.ts";
import type { Program } from "../src/runtime/runtime.ts";
import { Random } from "../src/util/random.ts";
import { backends } from "./ops/backends.ts";
import { expectClose } from "./support/close.ts";

interface Picture {
  readonly shape: readonly [n: number, classes: number, h: number, w: number];
  readonly logits: readonly number[];
  readonly target: readonly number[];
}

interface Stored {
  /** A name of the table, or a text. */
  readonly loss: string;
  readonly options: LossOptions;
  readonly picture: string;
  readonly value: number;
  readonly gradient: readonly number[];
}

/** What segmentation_models_pytorch or PyTorch say, in float64; scripts/golden_losses.py writes them. */
const golden = JSON.parse(readFileSync(new URL("golden/losses.json", import.meta.url), "utf8")) as {
  readonly pictures: Readonly<Record<string, Picture>>;
  readonly cases: readonly Stored[];
};
const names = Object.keys(losses) as LossName[];
const make = (name: LossName, options?: LossOptions): Loss => losses[name](options);
const storedLoss = ({ loss, options }: Stored): Loss =>
  loss in losses ? make(loss as LossName, options) : parseLoss(loss, options);

interface Outcome {
  readonly value: number;
  readonly gradient: Float32Array;
}

/** Several losses with their gradients, each on logits and class ids of its own, as one program. */
async function load(list: readonly { loss: Loss; shape: Picture["shape"] }[], on: keyof typeof backends = "cpu") {
  const inputs: Record<string, Tensor> = {};
  const outputs: Record<string, Tensor> = {};
  for (const [i, { loss, shape }] of list.entries()) {
    const x = (inputs[`x${i}`] = input("x", shape));
    const y = (inputs[`y${i}`] = input("y", [shape[0], shape[2], shape[3]], "int32"));
    const value = (outputs[`value${i}`] = loss(x, y));
    [outputs[`gradient${i}`]] = gradients(value, [x]) as [Tensor];
  }
  const { open, target } = backends[on];
  return (await open()).load(lower({ inputs, outputs }, target));
}

async function run(
  program: Program,
  feeds: readonly Pick<Picture, "logits" | "target">[],
): Promise<readonly Outcome[]> {
  const values = feeds.flatMap(({ logits, target }, i) => [
    [`x${i}`, Float32Array.from(logits)] as const,
    [`y${i}`, Int32Array.from(target)] as const,
  ]);
  const results = await program.run(Object.fromEntries(values));
  return feeds.map((_, i) => ({
    value: Number(results[`value${i}`]![0]),
    gradient: results[`gradient${i}`] as Float32Array,
  }));
}

/** One loss once. */
async function outcome(loss: Loss, picture: Picture): Promise<Outcome> {
  const program = await load([{ loss, shape: picture.shape }]);
  const [result] = await run(program, [picture]);
  await program.release();
  return result!;
}

describe.each(Object.keys(backends) as (keyof typeof backends)[])("stored values and gradients on %s", (on) => {
  let results: readonly Outcome[];
  beforeAll(async () => {
    const pictures = golden.cases.map(({ picture }) => golden.pictures[picture]!);
    const program = await load(
      golden.cases.map((stored, i) => ({ loss: storedLoss(stored), shape: pictures[i]!.shape })),
      on,
    );
    results = await run(program, pictures);
    await program.release();
  });

  test.each(golden.cases.map((stored, i) => ({ ...stored, text: JSON.stringify(stored.options), i })))(
    "$loss $text, $picture",
    ({ value, gradient, i }) => {
      expectClose("value", [results[i]!.value], [value], 1e-5);
      expectClose("gradient", results[i]!.gradient, gradient, 2e-5);
    },
  );
});

test.each(names)("%s has stored numbers for every kind of picture", (name) => {
  const plain = golden.cases.filter(({ loss }) => loss === name);
  const seen = new Set(plain.map(({ picture }) => picture));
  const wanted = ["plain", "batch 1", "one pixel", "class 2 absent", "large logits", "255 ignored"];
  expect(wanted.filter((picture) => !seen.has(picture))).toEqual([]);
});

const small: Picture = tinyPicture([2, 3, 2, 3]);

function tinyPicture(shape: Picture["shape"]): Picture {
  const random = new Random(11).split("losses");
  const [n, classes, h, w] = shape;
  const logits = Array.from({ length: n * classes * h * w }, () => random.between(-2, 2));
  return { shape, logits, target: Array.from({ length: n * h * w }, () => random.integer(classes)) };
}

const counting: readonly (readonly [string, LossOptions])[] = [
  ["all alike", {}],
  ["by weights, one class ignored", { weight: [0.5, 3, 1], ignoreIndex: 1 }],
];

describe.each(names)("%s", (name) => {
  test.each(counting)("gradient equals central differences, pixels counting %s", async (_, options) => {
    const step = 4e-3;
    const program = await load([{ loss: make(name, options), shape: small.shape }]);
    const at = async (logits: readonly number[]): Promise<Outcome> => (await run(program, [{ ...small, logits }]))[0]!;
    const { gradient } = await at(small.logits);
    const most = Math.max(...gradient.map(Math.abs));
    for (const i of small.logits.keys()) {
      const [above, below] = [step, -step].map((by) => small.logits.map((x, j) => (i === j ? x + by : x)));
      const measured = ((await at(above!)).value - (await at(below!)).value) / (2 * step);
      expect(Math.abs(measured - gradient[i]!), `logit ${i}: ${measured} measured`).toBeLessThan(1e-2 * most + 5e-5);
    }
    await program.release();
  });

  test.each([
    ["255", 255, {}],
    ["-100", -100, { weight: [1, 2, 3] }],
    ["the class to ignore", 2, { ignoreIndex: 2 }],
    ["one that is ignored beside", 255, { ignoreIndex: 1, weight: [1, 1, 0] }],
  ] as const)("where every id is %s, loss and gradient are 0", async (_, id, options) => {
    const { value, gradient } = await outcome(make(name, options), { ...small, target: small.target.map(() => id) });
    expect(value).toBe(0);
    expect([...gradient].every((g) => g === 0)).toBe(true);
  });

  test("an id outside the classes counts as little as the one to ignore, whatever its logits", async () => {
    const holed = small.target.map((id, i) => (i % 3 === 0 ? 1 : id === 1 ? 0 : id));
    const ignoring = await outcome(make(name, { ignoreIndex: 1 }), { ...small, target: holed });
    for (const outside of [-1, 3, 255]) {
      const target = holed.map((id) => (id === 1 ? outside : id));
      const pixels = small.shape[2] * small.shape[3];
      const logits = small.logits.map((x, i) => {
        const pixel = Math.floor(i / (3 * pixels)) * pixels + (i % pixels);
        return holed[pixel] === 1 ? 9 - x : x;
      });
      const { value, gradient } = await outcome(make(name), { ...small, logits, target });
      expect(value).toBeCloseTo(ignoring.value, 6);
      expectClose("gradient", gradient, ignoring.gradient, 1e-5);
    }
  });

  test("is finite for logits of any size, near 0 where they are right and not where they are wrong", async () => {
    const pixels = small.shape[2] * small.shape[3];
    const own = small.logits.map((_, i) => {
      const pixel = Math.floor(i / (3 * pixels)) * pixels + (i % pixels);
      return small.target[pixel] === Math.floor(i / pixels) % 3;
    });
    for (const size of [20, 1e4, 1e30]) {
      const logits = own.map((is) => (is ? size : -size));
      const right = await outcome(make(name), { ...small, logits });
      const wrong = await outcome(make(name), { ...small, logits: logits.map((x) => -x) });
      expect(right.value).toBeLessThan(1e-5);
      expect(right.value).toBeGreaterThanOrEqual(0);
      expect(wrong.value).toBeGreaterThan(0.5);
      expect(Number.isFinite(wrong.value)).toBe(true);
      for (const { gradient } of [right, wrong]) expect([...gradient].every(Number.isFinite)).toBe(true);
    }
  });

  test("equal weights change nothing, others do, and a class of weight 0 does not count as long as none is missed", async () => {
    const plain = await outcome(make(name), small);
    expect((await outcome(make(name, { weight: [3, 3, 3] }), small)).value).toBeCloseTo(plain.value, 5);
    expect((await outcome(make(name, { weight: [9, 1, 1] }), small)).value).not.toBeCloseTo(plain.value, 2);
  });

  test("refuses operands and options that do not fit", () => {
    const [x, y] = [input("x", [2, 3, 4, 5]), input("y", [2, 4, 5], "int32")];
    const refused = [
      () => make(name)(x, input("y", [2, 5, 4], "int32")),
      () => make(name)(x, input("y", [2, 4, 5])),
      () => make(name, { weight: [1, 2] })(x, y),
      () => make(name, { weight: [1, -1, 1] }),
      () => make(name, { weight: [1, NaN, 1] }),
    ];
    for (const attempt of refused) expect(attempt).toThrow(new RegExp(`^${name}: expected`));
  });
});
