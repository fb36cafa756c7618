import type { WebBackendName } from "../../runtime/file-backend.web.ts";

/** What a training is made of: the same settings give the same training. */
export interface TrainingSettings {
  /** Of the scenes, in pixels. */
  readonly height: number;
  readonly width: number;
  readonly epochs: number;
  readonly seed: number;
}

/** What the page asks its training thread. */
export type TrainingRequest =
  /** How things stand; told once without being asked for more. */
  | { readonly kind: "recall"; readonly settings: TrainingSettings }
  | { readonly kind: "start"; readonly settings: TrainingSettings; readonly backend: WebBackendName }
  | { readonly kind: "resume"; readonly backend: WebBackendName }
  | { readonly kind: "stop" }
  | { readonly kind: "export"; readonly backend: WebBackendName };

/** What an epoch came to. */
export interface EpochRow {
  /** Counted from 1. */
  readonly epoch: number;
  readonly trainLoss: number;
  readonly validLoss: number;
  /** Share of the pixels that are right, void left out. */
  readonly accuracy: number;
  readonly meanIou: number;
}

/** A training as far as it has come. */
export interface Standing {
  readonly settings: TrainingSettings;
  /** Smoothed training loss of every step so far. */
  readonly losses: readonly number[];
  readonly epochs: readonly EpochRow[];
  readonly stepsPerEpoch: number;
}

/** Scenes that are looked at while it trains on others. */
export interface ShownScenes {
  readonly height: number;
  readonly width: number;
  /** Interleaved RGB bytes of each. */
  readonly pictures: readonly Uint8Array[];
  /** Class ids of each. */
  readonly truths: readonly Uint8Array[];
  readonly names: readonly string[];
  readonly colors: readonly (readonly [number, number, number])[];
  /** The class of pixels that do not count. */
  readonly voidIndex: number;
}

/** What the training thread tells the page. */
export type TrainingEvent =
  | { readonly kind: "scenes"; readonly scenes: ShownScenes }
  /** So many of the scenes are drawn. */
  | { readonly kind: "drawing"; readonly done: number; readonly total: number }
  /** The steps begin, or go on. */
  | {
      readonly kind: "began";
      readonly standing: Standing;
      readonly device: string;
      readonly reason: string | undefined;
    }
  | { readonly kind: "step"; readonly loss: number }
  /** Class ids of every shown scene, by the network as it is now. */
  | { readonly kind: "predictions"; readonly masks: readonly Uint8Array[] }
  | { readonly kind: "epoch"; readonly row: EpochRow }
  /** Nothing is going on; `standing` is what can go on, or be exported. */
  | { readonly kind: "rests"; readonly standing: Standing | null }
  | { readonly kind: "model"; readonly bytes: Uint8Array }
  | { readonly kind: "error"; readonly message: string; readonly hint: string | undefined };
