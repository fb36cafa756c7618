// Times pictures from JPEG files to PNG files of their masks, one for each line "step" on standard input: the seconds are
// those of a picture while others are read, predicted and written beside it, as in `segkit predict`. It is the built package
// that is measured (`npm run build`). What each part takes alone is in its first line.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { modelOf, problemOf, problemOptions, weightsOf } from "./problem.ts";
import { serve, type Turn, warmUp } from "./protocol.ts";
import { inferenceSwitchOptions, leftOptimizations, switchOptions } from "./switches.ts";
import type * as Segkit from "../src/index.ts";
import type { EncoderName } from "../src/models/encoders/index.ts";

const { values } = parseArgs({
  options: {
    ...problemOptions,
    size: { type: "string", default: "360x480" },
    threads: { type: "string", default: "2" },
    data: { type: "string" },
    pictures: { type: "string", default: "12" },
    ...switchOptions,
    ...inferenceSwitchOptions,
  },
});
if (values.data === undefined) throw new Error("stream: name the dataset folder with --data");
const built = new URL("../dist/index.js", import.meta.url).href;
const { decodeImage, openPredictor, predictionStream, writeMask } = (await import(built)) as typeof Segkit;

const problem = problemOf(values);
const images = join(values.data, "images");
const files = readdirSync(images)
  .toSorted()
  .slice(0, Number(values.pictures))
  .map((name) => join(images, name));
const out = mkdtempSync(join(tmpdir(), "segkit-stream-"));
const predictor = await openPredictor(cardOf(problem.encoder), weightsOf(modelOf(problem)), {
  ...{ backend: "cpu", threads: Number(values.threads), optimizations: leftOptimizations(values) },
});

function cardOf(encoder: EncoderName): Segkit.ModelCard {
  return {
    format: 1,
    architecture: {
      ...{ encoder, channels: 3, blur: false, blurFinal: true, selfAttention: false, yRange: null },
      ...{ lastCross: true, bottle: false, normType: null },
    },
    classes: Array.from({ length: problem.classes }, (_, i) => `class ${i}`),
    voidIndex: null,
    palette: Array.from({ length: problem.classes }, (_, i) => [20 * i, 255 - 20 * i, 128]),
    size: [...problem.size],
    stats: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  };
}

const fileOf = (picture: string): string => join(out, `${picture.replaceAll(/\W/g, "-")}.png`);

/** Seconds of a picture in a stream of them. */
async function turn(): Promise<Turn> {
  const start = performance.now();
  for await (const outcome of predictionStream(predictor, files, { read: decodeImage })) {
    if (!outcome.ok) throw outcome.error;
    await writeMask(fileOf(outcome.item), outcome.result.mask, predictor.card.palette);
  }
  return { seconds: (performance.now() - start) / 1000 / files.length };
}

/** Seconds of reading, computing and writing a picture, one after the other. */
async function alone(): Promise<Record<string, number>> {
  const parts = { read: 0, compute: 0, write: 0 };
  for (const file of files) {
    const times = [performance.now()];
    const image = await decodeImage(file);
    times.push(performance.now());
    const mask = await predictor.predict(image);
    times.push(performance.now());
    await writeMask(fileOf(file), mask, predictor.card.palette);
    times.push(performance.now());
    for (const [i, part] of (["read", "compute", "write"] as const).entries())
      parts[part] += (times[i + 1]! - times[i]!) / 1000 / files.length;
  }
  return parts;
}

try {
  await warmUp(1, turn);
  await serve({ engine: `cpu, ${values.threads} threads`, node: process.version, alone: await alone() }, turn);
} finally {
  await predictor.release();
  rmSync(out, { recursive: true });
}
