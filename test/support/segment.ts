import { env, pipeline, RawImage } from "@huggingface/transformers";

/** A picture, 8-bit RGB, interleaved. */
export interface Rgb {
  readonly data: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** The class of every pixel as the image-segmentation pipeline of Transformers.js sees it, by the classes' names. */
export async function segmented(
  models: string,
  name: string,
  { data, height, width }: Rgb,
  device: "cpu" | "wasm",
): Promise<string[]> {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.useBrowserCache = false;
  env.localModelPath = models;
  const segment = await pipeline("image-segmentation", name, { device });
  const image = new RawImage(Uint8ClampedArray.from(data), width, height, 3);
  const ids = Array.from({ length: height * width }, () => "none");
  for (const { label, mask } of await segment(image)) {
    if (mask.width !== width || mask.height !== height) throw new Error(`a mask of ${mask.height}×${mask.width}`);
    for (const [i, value] of mask.data.entries()) if (value > 0) ids[i] = String(label);
  }
  await segment.dispose();
  return ids;
}
