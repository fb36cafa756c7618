import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { inter, interWeights } from "./inter.node.ts";
import { plainLetters } from "./plain-letters.node.ts";

/** The renderer, read once. */
let loading: Promise<void> | undefined;

/**
 * An SVG picture as PNG, its text in Inter, which comes with segkit: no font of the machine is used. Letters that Inter
 * lacks, such as Chinese ones, are written in Latin ones.
 * @param zoom pixels of the PNG for each of the SVG; default 2.
 * @example const png = await svgToPng(await learner.recorder.plotLosses(), 3);
 */
export async function svgToPng(svg: string, zoom = 2): Promise<Uint8Array> {
  const [fontBuffers] = await Promise.all([Promise.all(interWeights.map(inter)), (loading ??= load())]);
  const picture = new Resvg(await plainLetters(svg), {
    font: { fontBuffers, defaultFontFamily: "Inter", sansSerifFamily: "Inter" },
    fitTo: { mode: "zoom", value: zoom },
  });
  const image = picture.render();
  try {
    return image.asPng();
  } finally {
    image.free();
    picture.free();
  }
}

async function load(): Promise<void> {
  const { resolve } = createRequire(import.meta.url);
  await initWasm(await readFile(resolve("@resvg/resvg-wasm/index_bg.wasm")));
}
