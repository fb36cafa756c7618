import { workerData } from "node:worker_threads";
import { openRuntime } from "../runtime/ort.node.ts";
import { answerCalls } from "../util/answer-calls.node.ts";
import { PredictionPrograms } from "./prediction-programs.ts";
import type { PredictorMethods, PredictorReady, PredictorSetup } from "./predictor-protocol.node.ts";

await answerCalls<PredictorMethods>(async () => {
  const { card, state, options, runtime: wanted } = workerData as PredictorSetup;
  let fallback: string | undefined;
  const runtime = await openRuntime({ ...wanted, onFallback: (reason) => (fallback = reason) });
  const programs = new PredictionPrograms(runtime, card, state, options);
  const methods: PredictorMethods = {
    predict: (asked) => programs.predict(asked),
    release: () => programs.release(),
  };
  return { methods, ready: { fallback } satisfies PredictorReady };
});
