/** @file Runs in a browser: Transformers.js with the model and the picture that the server has. */
import { env } from "@huggingface/transformers";
import { type Rgb, segmented } from "../support/segment.ts";

// The browser's own functions, which Node's types do not all declare.
declare const location: { readonly origin: string };

async function result(): Promise<unknown> {
  try {
    const { data, ...size } = (await (await fetch("/files/picture.json")).json()) as Omit<Rgb, "data"> & {
      data: number[];
    };
    env.backends.onnx.wasm!.wasmPaths = `${location.origin}/ort/`;
    return await segmented("/files/", "model", { data: Uint8Array.from(data), ...size }, "wasm");
  } catch (error) {
    return { error: String(error) };
  }
}

await fetch("/result", { method: "POST", body: JSON.stringify(await result()) });
