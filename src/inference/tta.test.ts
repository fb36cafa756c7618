import { describe, expect, test } from "vitest";
import { expectClose } from "../../test/support/close.ts";
import { runGraph } from "../../test/support/run-graph.ts";
import { softmax } from "../graph/ops/activation.ts";
import { add, mul } from "../graph/ops/elementwise.ts";
import { gather } from "../graph/ops/gather.ts";
import { concat } from "../graph/ops/movement.ts";
import { constant, input, type Tensor } from "../graph/tensor.ts";
import type { Encoder } from "../models/encoder.ts";
import { SegmentationModel } from "../models/model.ts";
import { Conv2d } from "../nn/conv.ts";
import { evaluation, type ForwardContext, type Members, stateTensors } from "../nn/module.ts";
import { Random } from "../util/random.ts";
import { withTta } from "./tta.ts";

/** A model that sees each pixel alone, so that whatever moves the picture moves its logits alike. */
class Pixelwise extends SegmentationModel {
  readonly conv = new Conv2d(3, 2, { kernel: 1 });
  readonly classes = 2;
  readonly architecture = {};
  readonly minimumSize = 4;
  seen: (readonly number[])[] = [];

  get encoder(): Encoder {
    throw new Error("none");
  }

  override members(): Members {
    return { conv: this.conv };
  }

  override forward(x: Tensor, _: ForwardContext): Tensor {
    this.seen.push(x.shape);
    const [red, green, blue] = [0, 1, 2].map((c) => gather(x, Int32Array.of(c), 1)) as [Tensor, Tensor, Tensor];
    return concat([add(red, mul(green, 2)), mul(blue, -1)], 1);
  }
}

const [height, width] = [5, 7];
const random = new Random(3);
const picture = Float32Array.from({ length: 3 * height * width }, () => random.normal());

/** Softmax over the classes of what `forward` gives for a picture. */
async function probabilities(forward: (x: Tensor) => Tensor, data = picture): Promise<Float32Array> {
  const x = input("x", [1, 3, height, width]);
  const { p } = await runGraph({ p: softmax(forward(x), 1) }, new Map([[x, data]]));
  return p as Float32Array;
}

describe("where a model moves with its picture, the views agree", () => {
  const model = new Pixelwise();

  test("flips: the average is the plain prediction", async () => {
    const plain = await probabilities((x) => model.forward(x, evaluation));
    const tta = withTta(model, { scales: [1], beta: 0 });
    expectClose("mirrored alone", await probabilities((x) => tta.forward(x, evaluation)), plain, 1e-5);
    // What fastai does: the mirrored picture's probabilities as they lie.
    const columns = Int32Array.from({ length: width }, (_, i) => width - 1 - i);
    const wrong = await probabilities((x) => model.forward(gather(x, columns, 3), evaluation));
    expect(Math.max(...wrong.map((p, i) => Math.abs(p - plain[i]!)))).toBeGreaterThan(0.5);
  });

  test("scales: corners stay on corners, so twice the steps and back is exact", async () => {
    // 5×7 at this scale is 9×13: every second pixel is one of the picture's.
    const plain = await probabilities((x) => model.forward(x, evaluation));
    const wide = withTta(model, { scales: [13 / 7], flip: false, beta: 0 });
    const got = await probabilities((x) => wide.forward(x, evaluation));
    expect(model.seen.at(-1)).toEqual([1, 3, 9, 13]);
    expectClose("larger and back", got, plain, 1e-5);
  });
});

test("views weigh as beta says: the plain one beta, the others the rest evenly", async () => {
  // Logits that depend on the side make the mirrored view differ.
  class Sided extends Pixelwise {
    override forward(x: Tensor, context: ForwardContext): Tensor {
      const side = Float32Array.from({ length: 2 * width }, (_, i) => (i < width ? i / 3 : 0));
      return add(super.forward(x, context), constant(side, [1, 2, 1, width]));
    }
  }
  const model = new Sided();
  const columns = Int32Array.from({ length: width }, (_, i) => width - 1 - i);
  const plain = await probabilities((x) => model.forward(x, evaluation));
  const mirrored = await probabilities((x) => gather(model.forward(gather(x, columns, 3), evaluation), columns, 3));
  for (const beta of [0, 0.4, 1]) {
    const tta = withTta(model, { scales: [1], beta });
    const expected = plain.map((p, i) => beta * p + (1 - beta) * mirrored[i]!);
    expectClose(`beta ${beta}`, await probabilities((x) => tta.forward(x, evaluation)), expected, 1e-5);
  }
});

test("by default four views: plain and mirrored, at the picture's size and 1.35 times it", () => {
  const model = new Pixelwise();
  withTta(model).forward(input("x", [1, 3, 20, 40]), evaluation);
  expect(model.seen.map((shape) => shape.slice(2).join("×"))).toEqual(["20×40", "20×40", "27×54", "27×54"]);
});

test("its weights are the model's own, its least size that of the smallest view", () => {
  const model = new Pixelwise();
  const tta = withTta(model, { scales: [0.5, 1] });
  expect(Object.keys(stateTensors(tta))).toEqual(["conv.weight", "conv.bias"]);
  expect(stateTensors(tta)["conv.weight"]).toBe(stateTensors(model)["conv.weight"]);
  expect(tta.minimumSize).toBe(8);
});

test("scales and a beta that are none are named", () => {
  const model = new Pixelwise();
  expect(() => withTta(model, { scales: [] })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: tta: expected scales above 0, but received none]`,
  );
  expect(() => withTta(model, { scales: [1, -1] })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: tta: expected scales above 0, but received -1]`,
  );
  expect(() => withTta(model, { beta: 1.5 })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: tta: beta: expected a share from 0 to 1, but received 1.5]`,
  );
});
