/** @file A thread that predicts, so that the page stays responsive: one request after the other. */
import type { FilePredictor } from "../../inference/file/file-predictor.ts";
import { loadPredictor, pixelsOf } from "../../inference/file/load-predictor.web.ts";
import type { PixelPicture } from "../../inference/file/picture.ts";
import type { Segmentation } from "../../inference/file/segmentation.ts";
import { messageOf, SegkitError } from "../../util/errors.ts";
import type { Device, Prediction, WorkerAnswer, WorkerRequest } from "./protocol.ts";

type LoadRequest = Extract<WorkerRequest, { kind: "load" }>;

/** Why a page has one thread only, in words. */
const notIsolated = "browsers give more to pages that come by https, or from this machine, and are isolated";

let wanted: LoadRequest;
let predictor: FilePredictor;
let device: Device;

function answer(message: WorkerAnswer, transfer: Transferable[] = []): void {
  postMessage(message, { transfer });
}

addEventListener("message", ({ data }: MessageEvent<WorkerRequest>) => {
  const work = data.kind === "load" ? load(data) : predict(data.picture);
  work.catch((error: unknown) => {
    const hint = error instanceof SegkitError ? error.hint : undefined;
    answer({ kind: "error", message: messageOf(error), hint });
  });
});

async function load(request: LoadRequest): Promise<void> {
  wanted = request;
  await predictor?.release().catch(() => {});
  await open(request.backend);
  // The first prediction takes longer than all others: memory is taken, and GPUs translate programs.
  const [height, width] = predictor.spec.resize.size;
  await predicted({ data: new Uint8Array(3 * height * width), height, width });
  answer({ kind: "ready", spec: predictor.spec, device });
}

async function open(backend: LoadRequest["backend"], failure?: string): Promise<void> {
  let fallback = failure;
  predictor = await loadPredictor(await download(wanted), { backend, onFallback: (why) => (fallback = why) });
  const reasons = [
    ...(fallback === undefined ? [] : [`Not on the GPU: ${fallback.replace(/^runtime: /, "")}.`]),
    ...(predictor.backend === "webgpu" || crossOriginIsolated ? [] : [`One thread: ${notIsolated}.`]),
  ];
  device = { backend: predictor.backend, reason: reasons.join(" ") || undefined };
}

async function predict(bitmap: ImageBitmap): Promise<void> {
  const picture = await pixelsOf(bitmap);
  bitmap.close();
  const begin = performance.now();
  const { data, classes, height, width } = await predicted(picture);
  const milliseconds = performance.now() - begin;
  const prediction: Prediction = { ids: data as Uint8Array<ArrayBuffer>, classes, height, width, milliseconds };
  answer({ kind: "prediction", prediction }, [prediction.ids.buffer]);
}

/** On WebAssembly from now on where the GPU is lost, or too small for the picture. */
async function predicted(picture: PixelPicture): Promise<Segmentation> {
  try {
    return await predictor.predict(picture);
  } catch (error) {
    if (wanted.backend !== "auto" || predictor.backend !== "webgpu") throw error;
    await predictor.release().catch(() => {});
    await open("wasm", `the GPU failed: ${messageOf(error).split("\n")[0]}`);
    answer({ kind: "device", device });
    return predictor.predict(picture);
  }
}

/** The bytes at an address; how many there are is told as they come. */
async function download({ url, bytes }: LoadRequest): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  const whole = new Uint8Array(bytes);
  const reader = response.body.getReader();
  let loaded = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (loaded + part.value.length > bytes) break;
    whole.set(part.value, loaded);
    answer({ kind: "progress", loaded: (loaded += part.value.length) });
  }
  if (loaded !== bytes) throw new Error(`${url}: expected ${bytes} bytes, but received others`);
  return whole;
}
