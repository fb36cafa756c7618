import { AutoModelForSemanticSegmentation, AutoProcessor, env, pipeline, RawImage } from "@huggingface/transformers";

/** A picture, 8-bit RGB, interleaved. */
export interface Rgb {
  readonly data: Uint8Array;
  readonly height: number;
  readonly width: number;
}

type Device = "cpu" | "wasm";

function offline(models: string): void {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.useBrowserCache = false;
  env.localModelPath = models;
}

function rawImage({ data, height, width }: Rgb): RawImage {
  return new RawImage(Uint8ClampedArray.from(data), width, height, 3);
}

/** The class of every pixel of pictures as the image-segmentation pipeline of Transformers.js sees it, by the classes' names. */
export async function segmented(
  models: string,
  name: string,
  pictures: readonly Rgb[],
  device: Device,
): Promise<string[][]> {
  offline(models);
  const segment = await pipeline("image-segmentation", name, { device });
  const results: string[][] = [];
  for (const picture of pictures) {
    const { height, width } = picture;
    const names = Array.from({ length: height * width }, () => "none");
    for (const { label, mask } of await segment(rawImage(picture))) {
      if (mask.width !== width || mask.height !== height) throw new Error(`a mask of ${mask.height}×${mask.width}`);
      for (const [i, value] of mask.data.entries()) if (value > 0) names[i] = String(label);
    }
    results.push(names);
  }
  await segment.dispose();
  return results;
}

/** Values with their shape. */
interface Values {
  readonly data: Float32Array;
  readonly dims: number[];
}

/** What the processor of Transformers.js makes of a picture, and what the model gives for it there. */
export async function processed(
  models: string,
  name: string,
  picture: Rgb,
  device: Device,
): Promise<{ readonly pixels: Values; readonly logits: Values }> {
  offline(models);
  const processor = await AutoProcessor.from_pretrained(name);
  const model = await AutoModelForSemanticSegmentation.from_pretrained(name, { device });
  const { pixel_values } = (await processor(rawImage(picture))) as { pixel_values: Values };
  const { logits } = (await model({ pixel_values })) as { logits: Values };
  const copy = ({ data, dims }: Values): Values => ({ data: Float32Array.from(data), dims: [...dims] });
  const result = { pixels: copy(pixel_values), logits: copy(logits) };
  await model.dispose();
  return result;
}
