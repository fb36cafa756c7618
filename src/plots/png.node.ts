import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";

const { resolve } = createRequire(import.meta.url);

/** The renderer and the fonts, read once. */
let loading: Promise<Uint8Array[]> | undefined;

/**
 * An SVG picture as PNG, its text in Inter, which comes with segkit: no font of the machine is used.
 * @param zoom pixels of the PNG for each of the SVG; default 2.
 * @example const png = await svgToPng(await learner.recorder.plotLosses(), 3);
 */
export async function svgToPng(svg: string, zoom = 2): Promise<Uint8Array> {
  const fontBuffers = await (loading ??= load());
  const picture = new Resvg(svg, {
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

async function load(): Promise<Uint8Array[]> {
  const font = (weight: string): Promise<Uint8Array> =>
    readFile(resolve(`@expo-google-fonts/inter/${weight}/Inter_${weight}.ttf`));
  const [wasm, ...fonts] = await Promise.all([
    readFile(resolve("@resvg/resvg-wasm/index_bg.wasm")),
    ...["400Regular", "600SemiBold"].map(font),
  ]);
  await initWasm(wasm);
  return fonts;
}
