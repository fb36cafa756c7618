import { webAssemblyBackend, type WebBackendName, webGpuBackend } from "../../runtime/file-backend.web.ts";
import { ConfigError, messageOf } from "../../util/errors.ts";
import { FilePredictor, type SegmentOptions } from "./file-predictor.ts";
import { loadModels } from "./load.ts";
import type { LoadedModel } from "./loaded-model.ts";
import type { PixelPicture } from "./picture.ts";
import type { Segmentation } from "./segmentation.ts";

/** Where a predictor runs. */
export interface LoadOptions {
  /** Default "auto": the GPU through WebGPU where there is one and the model runs on it, else WebAssembly. */
  readonly backend?: WebBackendName;
  /** Threads of WebAssembly, where the page is cross-origin isolated; default one a core, at most 8. */
  readonly threads?: number;
  /** Told why "auto" is not the GPU, in one sentence. */
  readonly onFallback?: (reason: string) => void;
}

/** A predictor that takes pictures as a browser has them. */
export class WebPredictor extends FilePredictor {
  /**
   * As for pixels, such as ImageData; also of whatever `pixelsOf` takes: a Blob of a picture, its bytes, an image, a canvas.
   * Nothing is fetched: `await (await fetch(url)).blob()` is for the caller to do. Throws what `createImageBitmap` throws for
   * what is no picture, too.
   * @example const { data: ids, classes } = await predictor.predict(canvas);
   */
  override async predict(picture: object, options: SegmentOptions = {}): Promise<Segmentation> {
    return (await this.predictBatch([picture], options))[0]!;
  }

  /**
   * As for pixels, Blobs, images and canvases. Errors as `predict`.
   * @example const masks = await predictor.predictBatch([canvas, image]);
   */
  override async predictBatch(pictures: readonly object[], options: SegmentOptions = {}): Promise<Segmentation[]> {
    return super.predictBatch(await Promise.all(pictures.map(pixelsOf)), options);
  }
}

/**
 * Loads exported models: the bytes of files that `segkit export` wrote, which say all that predicting takes. Of several
 * models the probabilities are averaged.
 * @throws ConfigError where the backend asked for is not there, CorruptFileError for a file that is damaged or was not
 * exported by segkit.
 */
export async function loadPredictor(
  source: Uint8Array | ArrayBuffer | readonly (Uint8Array | ArrayBuffer)[],
  { backend = "auto", threads, onFallback }: LoadOptions = {},
): Promise<WebPredictor> {
  const sources = source instanceof Uint8Array || source instanceof ArrayBuffer ? [source] : source;
  if (sources.length === 0) throw new ConfigError("predict: expected at least one model, but received none");
  const files = sources.map((each) => (each instanceof Uint8Array ? each : new Uint8Array(each)));
  if (backend === "webgpu") return new WebPredictor(await loadModels(files, await webGpuBackend({ software: true })));
  const inWasm = async (): Promise<WebPredictor> =>
    new WebPredictor(await loadModels(files, await webAssemblyBackend(threads)));
  if (backend === "wasm") return inWasm();
  const found = await onGpu(files).catch((error: unknown) => error);
  if (found instanceof WebPredictor) return found;
  const predictor = await inWasm();
  onFallback?.(messageOf(found));
  return predictor;
}

/** Models on the GPU, after each has run once: some that load do not. */
async function onGpu(files: readonly Uint8Array[]): Promise<WebPredictor> {
  const models = await loadModels(files, await webGpuBackend({ software: false }));
  try {
    for (const model of models) await tryOut(model);
  } catch (error) {
    for (const model of models) await model.release().catch(() => {});
    throw new ConfigError(`runtime: the model does not run on the GPU: ${messageOf(error).split("\n")[0]}`, {
      cause: error,
    });
  }
  return new WebPredictor(models);
}

/** Runs a model on a black picture of the least size. */
async function tryOut(model: LoadedModel): Promise<void> {
  const { minimum } = model.spec.resize;
  const size = { height: minimum, width: minimum };
  await model.see([{ data: new Uint8Array(3 * minimum * minimum), ...size }], size);
}

interface Context2d {
  drawImage(image: unknown, x: number, y: number): void;
  getImageData(x: number, y: number, width: number, height: number): PixelPicture;
}
interface Bitmap {
  readonly width: number;
  readonly height: number;
}

// A browser's globals, as far as they are needed.
declare const OffscreenCanvas: new (
  width: number,
  height: number,
) => { getContext(kind: "2d", options: { willReadFrequently: boolean }): Context2d };
declare const createImageBitmap: (source: unknown) => Promise<Bitmap & { close(): void }>;
declare const Blob: new (parts: readonly unknown[]) => object;

/**
 * The pixels of whatever a browser can draw: a Blob or File of a picture, the bytes of one, an image, a canvas, a frame of a
 * video. Unlike in Node, the EXIF orientation of a Blob is applied, as the browser shows it. Pixels are given back as they are.
 * @example const { data: ids } = await predictor.predict(await pixelsOf(file));
 */
export async function pixelsOf(source: unknown): Promise<PixelPicture> {
  if (arePixels(source)) return source;
  const isBytes = source instanceof Uint8Array || source instanceof ArrayBuffer;
  const bitmap = await createImageBitmap(isBytes ? new Blob([source]) : source);
  try {
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, width, height);
  } finally {
    bitmap.close();
  }
}

function arePixels(source: unknown): source is PixelPicture {
  if (typeof source !== "object" || source === null || !("data" in source)) return false;
  return source.data instanceof Uint8ClampedArray || source.data instanceof Uint8Array;
}
