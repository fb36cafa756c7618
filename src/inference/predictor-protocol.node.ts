import type { StateDict } from "../nn/state.ts";
import type { RuntimeOptions } from "../runtime/ort.node.ts";
import type { ErrorRecord } from "../util/error-record.ts";
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

/** A picture to predict; none ends the thread's work. */
export interface PredictorRequest {
  readonly id: number;
  readonly asked: PixelsAsked | null;
}

export type PredictorReply =
  | { readonly kind: "ready"; readonly fallback: string | undefined }
  | { readonly kind: "failed"; readonly error: ErrorRecord }
  | { readonly kind: "mask"; readonly id: number; readonly mask: PredictedMask | null }
  | { readonly kind: "error"; readonly id: number; readonly error: ErrorRecord };
