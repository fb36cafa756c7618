/** @file Runs in a browser: `segkit/inference` with the model and the picture that the server has. */
import { loadPredictor } from "../../src/inference/index.web.ts";

// The browser's own functions, which Node's types do not all declare.
declare const OffscreenCanvas: new (
  width: number,
  height: number,
) => { getContext(kind: "2d"): { putImageData(image: unknown, x: number, y: number): void } };
declare const ImageData: new (data: Uint8ClampedArray, width: number, height: number) => unknown;

async function result(): Promise<unknown> {
  try {
    const response = await fetch("/files/model.onnx");
    const { backend, data, width, height } = (await (await fetch("/files/picture.json")).json()) as {
      backend: "wasm" | "webgpu";
      data: number[];
      width: number;
      height: number;
    };
    const predictor = await loadPredictor(await response.arrayBuffer(), { backend });
    const picture = { data: Uint8ClampedArray.from(data), width, height };
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d").putImageData(new ImageData(picture.data, width, height), 0, 0);
    const blob = await (await fetch("/files/picture.png")).blob();
    // A GPU that is played in software takes half a minute for each.
    const pictures = backend === "wasm" ? [picture, canvas, blob, await blob.arrayBuffer()] : [picture];
    const masks: number[][] = [];
    for (const each of pictures) masks.push([...(await predictor.predict(each)).data]);
    return { backend: predictor.backend, masks };
  } catch (error) {
    return { error: String(error) };
  }
}

await fetch("/result", { method: "POST", body: JSON.stringify(await result()) });
