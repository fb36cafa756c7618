import type { StateDict } from "../nn/state.ts";
import type { RuntimeOptions } from "../runtime/ort.node.ts";
import type { ModelCard } from "./card.ts";
import type { PixelsAsked, PredictedMask } from "./predicted-mask.ts";
import type { PredictorOptions } from "./prediction-programs.ts";

/** What the thread of a predictor starts with. */
export interface PredictorSetup {
  readonly card: ModelCard;
  readonly state: StateDict;
  readonly options: PredictorOptions;
  readonly runtime: Omit<RuntimeOptions, "onFallback">;
}

/** What the thread says when it can predict. */
export interface PredictorReady {
  /** Why WebAssembly runs instead of the native engine, where it does. */
  readonly fallback: string | undefined;
}

/** What the thread does. */
export interface PredictorMethods {
  predict(asked: PixelsAsked): Promise<PredictedMask>;
  release(): Promise<void>;
}
