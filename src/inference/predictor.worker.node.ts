import { parentPort, workerData } from "node:worker_threads";
import { openRuntime } from "../runtime/ort.node.ts";
import { packError } from "../util/error-record.ts";
import { buffersIn } from "../util/transfer.ts";
import type { PredictorReply, PredictorRequest, PredictorSetup } from "./predictor-protocol.node.ts";
import { PredictionPrograms } from "./prediction-programs.ts";

const port = parentPort!;
const post = (reply: PredictorReply): void => port.postMessage(reply, [...buffersIn(reply)]);

try {
  const { card, state, options, runtime: wanted } = workerData as PredictorSetup;
  let fallback: string | undefined;
  const runtime = await openRuntime({ ...wanted, onFallback: (reason) => (fallback = reason) });
  const programs = new PredictionPrograms(runtime, card, state, options);
  const answer = async ({ id, asked }: PredictorRequest): Promise<void> => {
    try {
      const mask = asked ? await programs.predict(asked) : (await programs.release(), null);
      post({ kind: "mask", id, mask });
    } catch (error) {
      post({ kind: "error", id, error: packError(error) });
    }
  };
  let turn: Promise<void> = Promise.resolve();
  port.on("message", (request: PredictorRequest) => {
    turn = turn.then(() => answer(request));
  });
  post({ kind: "ready", fallback });
} catch (error) {
  post({ kind: "failed", error: packError(error) });
}
