/** @file Runs in a browser: the masks of several pictures by the model that the server has. */
import { loadPredictor } from "../../src/inference/index.web.ts";

interface Asked {
  readonly backend: "wasm" | "webgpu";
  readonly pictures: readonly { readonly data: readonly number[]; readonly height: number; readonly width: number }[];
}

async function result(): Promise<unknown> {
  try {
    const bytes = await (await fetch("/files/model.onnx")).arrayBuffer();
    const { backend, pictures } = (await (await fetch("/files/asked.json")).json()) as Asked;
    const predictor = await loadPredictor(bytes, { backend });
    const masks: number[][] = [];
    for (const { data, ...size } of pictures)
      masks.push([...(await predictor.predict({ data: Uint8Array.from(data), ...size })).data]);
    return { masks, about: predictor.backend };
  } catch (error) {
    return { error: String(error) };
  }
}

await fetch("/result", { method: "POST", body: JSON.stringify(await result()) });
