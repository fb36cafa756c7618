import { workerData } from "node:worker_threads";
import { answerCalls } from "../../util/answer-calls.node.ts";
import { loadPredictor } from "./load-predictor.node.ts";
import { sourceFrom } from "./picture-file.node.ts";
import type { FilePredictorMethods, FilePredictorReady, FilePredictorSetup } from "./predictor-protocol.node.ts";
import type { MaskRows } from "./windows.ts";

await answerCalls<FilePredictorMethods>(async () => {
  const { sources, options } = workerData as FilePredictorSetup;
  const predictor = await loadPredictor(sources, options);
  const pictures = new Map<number, AsyncGenerator<MaskRows, void, void>>();
  let begun = 0;
  const methods: FilePredictorMethods = {
    predict: (image, asked) => predictor.predict(image, asked),
    beginRows: async (picture, asked) => {
      pictures.set(++begun, predictor.predictRows(sourceFrom(picture), asked));
      return begun;
    },
    nextRows: async (number) => {
      const { value } = await pictures.get(number)!.next();
      if (!value) return null;
      const { top, data, height, width } = value;
      return { top, data, height, width };
    },
    endRows: async (number) => {
      await pictures.get(number)?.return();
      pictures.delete(number);
    },
    release: () => predictor.release(),
  };
  return { methods, ready: { spec: predictor.spec } satisfies FilePredictorReady };
});
