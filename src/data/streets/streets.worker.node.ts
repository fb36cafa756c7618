/** @file One drawing thread of `writeStreets`: writes the streets it is told to, one at a time. */
import { parentPort } from "node:worker_threads";
import sharp from "sharp";
import { packError } from "../../util/error-record.ts";
import type { StreetAnswer } from "./drawing-thread.node.ts";
import { writeStreet } from "./write-street.node.ts";
import type { StreetTask } from "./write-street.node.ts";

sharp.concurrency(1);
sharp.cache(false);

const port = parentPort!;

port.on("message", (task: StreetTask) => {
  const answer = (result: StreetAnswer): void => port.postMessage(result);
  writeStreet(task).then(
    () => answer({}),
    (error: unknown) => answer({ error: packError(error) }),
  );
});
