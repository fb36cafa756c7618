import { decodeImage } from "../../data/decode.node.ts";
import { type NodeBackendName, nodeBackend } from "../../runtime/file-backend.node.ts";
import { ConfigError } from "../../util/errors.ts";
import { readModelFile } from "../../util/read-bounded.node.ts";
import { FilePredictor, type SegmentOptions } from "./file-predictor.ts";
import { loadModels } from "./load.ts";
import type { PixelPicture } from "./picture.ts";
import type { Segmentation } from "./segmentation.ts";

/** Where a predictor runs. */
export interface LoadOptions {
  /** Default "auto": the processor, natively where that loads, else as WebAssembly. */
  readonly backend?: NodeBackendName;
  /** Threads of the processor; default one a core. */
  readonly threads?: number;
}

/** Pixels, the path of a picture file, or the bytes of one: in an array, or in a Blob as `fetch` gives it. */
export type NodePicture = PixelPicture | string | Uint8Array | ArrayBuffer | Blob;

/** A predictor that reads picture files too. */
export class NodePredictor extends FilePredictor {
  /**
   * As for pixels; a text is the path of a picture file, bytes and a Blob are what such a file holds. Nothing is fetched:
   * `await (await fetch(url)).blob()` is for the caller to do. Throws a DataError or a CorruptFileError for a file that cannot
   * be read, too.
   * @example const { data: ids, height, width, classes } = await predictor.predict("photo.jpg");
   */
  override async predict(picture: NodePicture, options: SegmentOptions = {}): Promise<Segmentation> {
    return (await this.predictBatch([picture], options))[0]!;
  }

  /**
   * As for pixels, paths, bytes and Blobs. Errors as `predict`.
   * @example const masks = await predictor.predictBatch(["a.jpg", "b.jpg"]);
   */
  override async predictBatch(pictures: readonly NodePicture[], options: SegmentOptions = {}): Promise<Segmentation[]> {
    return super.predictBatch(await Promise.all(pictures.map(pixelsOf)), options);
  }
}

async function pixelsOf(picture: NodePicture): Promise<PixelPicture> {
  if (picture instanceof Blob) return decodeImage(new Uint8Array(await picture.arrayBuffer()));
  if (picture instanceof ArrayBuffer) return decodeImage(new Uint8Array(picture));
  return typeof picture === "string" || picture instanceof Uint8Array ? decodeImage(picture) : picture;
}

/**
 * Loads exported models: paths or bytes of files that `segkit export` wrote, which say all that predicting takes. Of several
 * models the probabilities are averaged.
 * @throws ConfigError for a file that cannot be read or a backend that does not load, CorruptFileError for a file that is
 * damaged or was not exported by segkit.
 * @example
 * const predictor = await loadPredictor("model.onnx");
 * const { data: ids, classes } = await predictor.predict("photo.jpg");
 * await predictor.release();
 */
export async function loadPredictor(
  source: string | Uint8Array | readonly (string | Uint8Array)[],
  { backend = "auto", threads }: LoadOptions = {},
): Promise<NodePredictor> {
  const sources = typeof source === "string" || source instanceof Uint8Array ? [source] : source;
  if (sources.length === 0) throw new ConfigError("predict: expected at least one model, but received none");
  const files = await Promise.all(sources.map(bytesOf));
  return new NodePredictor(await loadModels(files, await nodeBackend(backend, threads)));
}

async function bytesOf(source: string | Uint8Array): Promise<Uint8Array> {
  return typeof source === "string" ? readModelFile(source, "Give a file that segkit export wrote.") : source;
}
