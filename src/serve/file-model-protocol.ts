import type { IdMask, RgbImage } from "../data/image.ts";
import type { ErrorRecord } from "../util/error-record.ts";

/** What the thread of an exported file starts with. */
export interface FileModelSetup {
  readonly file: string;
  readonly backend: "auto" | "cpu" | "wasm" | "webgpu";
  readonly threads: number | undefined;
  /** Whether each picture is seen several times. */
  readonly tta: boolean;
}

/** A picture to predict. */
export interface FileModelRequest {
  readonly id: number;
  readonly image: RgbImage;
}

/** What the file says of itself. */
export interface FileModelReady {
  readonly kind: "ready";
  readonly names: readonly string[];
  readonly colors: readonly (readonly [number, number, number])[];
  readonly size: readonly [height: number, width: number];
}

export type FileModelReply =
  | FileModelReady
  | { readonly kind: "failed"; readonly error: ErrorRecord }
  | { readonly kind: "mask"; readonly id: number; readonly mask: IdMask }
  | { readonly kind: "error"; readonly id: number; readonly error: ErrorRecord };
