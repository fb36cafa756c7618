import { parentPort, workerData } from "node:worker_threads";
import { loadPredictor } from "../inference/file/load-predictor.node.ts";
import { packError } from "../util/error-record.ts";
import { buffersIn } from "../util/transfer.ts";
import type { FileModelReply, FileModelRequest, FileModelSetup } from "./file-model-protocol.ts";

const port = parentPort!;
const post = (reply: FileModelReply): void => port.postMessage(reply, [...buffersIn(reply)]);

try {
  const { file, backend, threads, tta } = workerData as FileModelSetup;
  const predictor = await loadPredictor(file, { backend, ...(threads !== undefined && { threads }) });
  const answer = async ({ id, image }: FileModelRequest): Promise<void> => {
    try {
      const { data, height, width } = await predictor.predict(image, tta ? { tta: {} } : {});
      post({ kind: "mask", id, mask: { data, height, width } });
    } catch (error) {
      post({ kind: "error", id, error: packError(error) });
    }
  };
  let turn: Promise<void> = Promise.resolve();
  port.on("message", (request: FileModelRequest) => {
    turn = turn.then(() => answer(request));
  });
  const { names, colors, resize } = predictor.spec;
  post({ kind: "ready", names, colors, size: resize.size });
} catch (error) {
  post({ kind: "failed", error: packError(error) });
}
