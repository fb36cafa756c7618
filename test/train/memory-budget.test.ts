/** @file Training within a given memory. */
import { describe, expect, test } from "vitest";
import { crossEntropy } from "../../src/losses/cross-entropy.ts";
import { cpuTarget } from "../../src/onnx/target.ts";
import { trainingMemory } from "../../src/train/training-memory.ts";
import { ConfigError } from "../../src/util/errors.ts";
import { numbersOf, smallLearner, SmallModel } from "../support/small-learner.ts";

const pictures = 256;
const model = (): SmallModel => new SmallModel({ norm: true });
const { total, training } = trainingMemory(model(), crossEntropy(), { n: pictures, height: 6, width: 8 }, cpuTarget);
const learnerWith = (more: { readonly memory?: number; readonly batchSize?: number }) =>
  smallLearner({ model: model(), batches: 2, batchSize: pictures, ...more });

describe("a learner with a memory budget", () => {
  test("trains as one without, bit for bit", async () => {
    const [lean, plain] = [await learnerWith({ memory: Math.round(total - 0.1 * training) }), await learnerWith({})];
    for (const learner of [lean, plain]) {
      await learner.freeze();
      await learner.fitOneCycle(1, 1e-2);
      await learner.unfreeze();
      await learner.fitOneCycle(2, 1e-2);
    }
    expect(await numbersOf(lean)).toEqual(await numbersOf(plain));
    expect(lean.recorder.losses).toEqual(plain.recorder.losses);
  });

  test("says before anything is trained how little it could do with", async () => {
    const error = await learnerWith({ memory: 300e6 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toMatch(
      /^memory: batches of 256 at 6×8 need at least \d+ MB with everything computed again, more than 300 MB$/,
    );
    const [, least] = /at least (\d+) MB/.exec((error as Error).message)!;
    expect(Number(least) * 1e6).toBeLessThan(total);
    await learnerWith({ memory: (Number(least) + 1) * 1e6 });
    await learnerWith({ memory: (Number(least) + 1) * 1e6, batchSize: 8 });
  });
});
