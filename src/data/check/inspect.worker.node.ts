/** @file One reading thread of a check: reads the pairs it is given. */
import { parentPort, workerData } from "node:worker_threads";
import sharp from "sharp";
import { packError } from "../../util/error-record.ts";
import { forEachLimited } from "../concurrent.ts";
import type { Inspection, InspectOptions } from "./facts.ts";
import { inspectPair } from "./inspect.node.ts";
import type { InspectAnswer, InspectTask } from "./protocol.ts";

sharp.concurrency(1);
sharp.cache(false);

const port = parentPort!;
const options = workerData as InspectOptions;

/** One picture is decoded while the mask of another is looked at. */
const atOnce = 2;

port.on("message", ({ from, pairs }: InspectTask) => {
  const inspections: Inspection[] = [];
  forEachLimited(pairs.length, atOnce, async (i) => {
    inspections[i] = await inspectPair(pairs[i]!, options);
  }).then(
    () => port.postMessage({ from, inspections } satisfies InspectAnswer),
    (error: unknown) => port.postMessage({ from, error: packError(error) } satisfies InspectAnswer),
  );
});
