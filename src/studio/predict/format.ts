import type { FoundClass } from "../../inference/file/segmentation.ts";

/** A share as people read it: 0.4 % is not nothing. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return "< 0.1 %";
  return `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
}

/** A time as people read it. */
export function duration(milliseconds: number): string {
  return milliseconds < 9995 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** What runs a model, in words: `backend` is a predictor's. */
export function deviceName(backend: string): string {
  return backend === "webgpu" ? "GPU (WebGPU)" : backend.replace(/^wasm/, "WebAssembly");
}

/** What a picture shows, in one sentence. */
export function summary(classes: readonly FoundClass[], milliseconds: number): string {
  const shown = classes.slice(0, 4).map(({ name, share }) => `${name} ${percent(share)}`);
  const more = classes.length > shown.length ? ` and ${classes.length - shown.length} more` : "";
  return `${shown.join(", ")}${more}, in ${duration(milliseconds)}.`;
}
