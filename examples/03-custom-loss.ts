// A loss of one's own: cross-entropy that counts the boundary between classes twice, written with the graph's functions.
//
//   npx tsx examples/03-custom-loss.ts
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Loss, databunch, openFolder, unetLearner, writeStreets } from "segkit";
import { add, cast, div, equal, logSoftmax, mul, neg, not, oneHot, pad, slice, sum } from "segkit/graph";

const boundaryCrossEntropy: Loss = (logits, target) => {
  const [, classes, height] = logits.shape as [number, number, number, number];
  const nll = neg(sum(mul(oneHot(target, classes, 1), logSoftmax(logits, 1)), [1]));
  const below = slice(target, 1, 1, height);
  const edge = cast(not(equal(below, slice(target, 1, 0, height - 1))), "float32");
  const weight = add(
    pad(edge, [
      [0, 0],
      [0, 1],
      [0, 0],
    ]),
    1,
  );
  return div(sum(mul(nll, weight)), sum(weight));
};

const folder = join(await mkdtemp(join(tmpdir(), "segkit-")), "streets");
await writeStreets(folder, { train: 16, valid: 4, height: 64, width: 96, seed: 2 });
const data = databunch(await openFolder(folder), { size: [48, 64], batchSize: 4 });
const learn = await unetLearner(data, "resnet18", { loss: boundaryCrossEntropy });
await learn.fitOneCycle(Number(process.env.EPOCHS ?? 3), 2e-3);
await learn.close();

const losses = learn.recorder.losses;
console.log(losses.map((loss) => loss.toFixed(3)).join(" "));
if (!(losses.at(-1)! < losses[0]!)) throw new Error("the loss did not fall");
