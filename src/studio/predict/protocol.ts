import type { FoundClass } from "../../inference/file/segmentation.ts";
import type { ModelSpec } from "../../inference/model-spec.ts";
import type { WebBackendName } from "../../runtime/file-backend.web.ts";

/** What the page asks its worker: first a model, then one picture after the other. */
export type WorkerRequest =
  | {
      readonly kind: "load";
      /** Address of an exported file, and its size in bytes. */
      readonly url: string;
      readonly bytes: number;
      readonly backend: WebBackendName;
    }
  | { readonly kind: "predict"; readonly picture: ImageBitmap };

/** What runs the model. */
export interface Device {
  /** As the predictor calls it, such as "webgpu" or "wasm, 4 threads". */
  readonly backend: string;
  /** Why it is not faster: no GPU, one thread; in sentences. */
  readonly reason: string | undefined;
}

/** The class of every pixel of a picture. */
export interface Prediction {
  readonly height: number;
  readonly width: number;
  /** Class ids, height · width. */
  readonly ids: Uint8Array<ArrayBuffer>;
  readonly classes: readonly FoundClass[];
  /** From the picture's pixels to its mask. */
  readonly milliseconds: number;
}

/** What the worker answers. */
export type WorkerAnswer =
  | { readonly kind: "progress"; readonly loaded: number }
  | { readonly kind: "ready"; readonly spec: ModelSpec; readonly device: Device }
  /** Another device than before, since that failed. */
  | { readonly kind: "device"; readonly device: Device }
  | { readonly kind: "prediction"; readonly prediction: Prediction }
  | { readonly kind: "error"; readonly message: string; readonly hint: string | undefined };
