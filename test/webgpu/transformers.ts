/** @file Runs in a browser: Transformers.js with the models and the pictures that the server has. */
import { env } from "@huggingface/transformers";
import { type Rgb, segmented } from "../support/segment.ts";

// The browser's own functions, which Node's types do not all declare.
declare const location: { readonly origin: string };

interface Asked {
  readonly models: readonly string[];
  readonly pictures: readonly (Omit<Rgb, "data"> & { readonly data: readonly number[] })[];
}

async function result(): Promise<unknown> {
  try {
    const { models, pictures } = (await (await fetch("/files/asked.json")).json()) as Asked;
    const images = pictures.map(({ data, ...size }) => ({ data: Uint8Array.from(data), ...size }));
    env.backends.onnx.wasm!.wasmPaths = `${location.origin}/ort/`;
    const found: Record<string, string[][]> = {};
    for (const model of models) found[model] = await segmented("/files/", model, images, "wasm");
    return found;
  } catch (error) {
    return { error: String(error) };
  }
}

await fetch("/result", { method: "POST", body: JSON.stringify(await result()) });
