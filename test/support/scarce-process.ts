/** @file A program that trains on one large batch in WebAssembly and prints how the fit went; run with little memory. */
import { openEngine } from "../../src/train/engine-thread.node.ts";
import { Learner } from "../../src/train/learner.ts";
import { messageOf } from "../../src/util/errors.ts";
import { Random } from "../../src/util/random.ts";
import { SmallModel } from "./small-learner.ts";

const [pictures, height, width] = process.argv.slice(2).map(Number) as [number, number, number];
const random = new Random(1);
const images = Float32Array.from({ length: pictures * 3 * height * width }, () => random.between(-1, 1));
const masks = Int32Array.from({ length: pictures * height * width }, () => random.integer(3));
const loader = {
  ...{ length: 1, batchSize: pictures },
  async *batches() {
    const ids = Array.from({ length: pictures }, String);
    yield { images, masks, n: pictures, height, width, ids };
  },
};
const data = {
  ...{ classes: ["a", "b", "c"], voidIndex: null, palette: [], size: [height, width] as [number, number] },
  ...{ stats: { mean: [0, 0, 0], std: [1, 1, 1] }, train: loader, valid: loader, close: async () => {} },
};

const splits: [task: string, pictures: number][] = [];
const engine = await openEngine({ backend: "wasm", threads: 1 });
const learner = await Learner.create(data as never, new SmallModel(), engine, {
  onSplit: (split) => splits.push([split.task, split.pictures]),
});
const end = await learner.fit(1, 1e-2).then(() => "done", messageOf);
const weights = end === "done" ? [...(await learner.stateDict()).get("head.weight")!.data] : [];
console.log(JSON.stringify({ splits, end, weights, peakBytes: process.resourceUsage().maxRSS * 1024 }));
await learner.close();
