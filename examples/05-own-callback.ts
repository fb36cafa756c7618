// A callback of one's own: train until the accuracy is good enough, and warm up gently in the first ten batches.
//
//   npx tsx examples/05-own-callback.ts
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accCamvid, type Callback, databunch, openFolder, unetLearner, writeStreets } from "segkit";

function untilAccurate(goal: number): Callback {
  return {
    batchStart: ({ epoch, batch }, step) => {
      if (epoch === 0 && batch < 10) step.lr = step.lr.map((lr) => (lr * (batch + 1)) / 10);
    },
    epochEnd: (state, { validation }) => {
      if (validation.metrics[accCamvid.title]! >= goal) state.stop();
    },
  };
}

const folder = join(await mkdtemp(join(tmpdir(), "segkit-")), "streets");
await writeStreets(folder, { train: 16, valid: 4, height: 64, width: 96, seed: 2 });
const data = databunch(await openFolder(folder), { size: [48, 64], batchSize: 4 });
const learn = await unetLearner(data, "efficientnetLite0", { metrics: [accCamvid] });
await learn.fit(20, 1e-3, { callbacks: [untilAccurate(Number(process.env.GOAL ?? 0.3))] });
await learn.close();

const { epochs } = learn.recorder;
const accuracies = epochs.map(({ validation }) => validation.metrics[accCamvid.title]!.toFixed(3));
console.log(`${epochs.length} epochs: ${accuracies.join(" ")}`);
