import { z } from "zod";
import type { Batch } from "../../data/batch.ts";
import { databunch, type SegmentationData } from "../../data/databunch.node.ts";
import type { BatchLoader } from "../../data/databunch.ts";
import { mostPictures } from "../../export/calibrate.ts";
import { exportHuggingFace, exportOnnx, type ExportOnnxOptions } from "../../export/export-onnx.node.ts";
import type { ExportedModel } from "../../export/export-model.ts";
import type { ModelCard } from "../../inference/card.ts";
import { openRuntime } from "../../runtime/ort.node.ts";
import { RunFolder } from "../../train/run-folder.node.ts";
import { ConfigError } from "../../util/errors.ts";
import { type CommandIo, defineCommand } from "../command.ts";
import { masksOf, recordedMasks } from "../data-options.ts";
import { openData } from "../data-source.ts";
import { exportOrigin } from "../export-origin.ts";
import * as fields from "../fields.ts";
import type { Output } from "../output.ts";
import { RateBar } from "../rate-bar.ts";
import { requireSameClasses } from "../trained-run.ts";

const options = z.object({
  out: fields.text("PATH").optional().describe("the file, or the folder of huggingface; default in the run's folder"),
  format: fields
    .word(["onnx", "huggingface"])
    .default("onnx")
    .describe("onnx, one file; or huggingface, a folder that Transformers.js loads"),
  weights: fields.word(["best", "last"]).default("best").describe("which weights of the run"),
  precision: fields
    .word(["fp32", "fp16", "int8"])
    .default("fp32")
    .describe("fp32, fp16 (half the size, for GPUs) or int8 (a quarter, for processors)"),
  argmax: z.boolean().default(false).describe("give the class of every pixel instead of the logits"),
  uint8Input: z.boolean().default(false).describe("take pixels 0-255, normalised inside the file"),
  layout: fields.word(["NHWC", "NCHW"]).default("NHWC").describe("how those pixels lie: NHWC as in a canvas, or NCHW"),
  opset: fields.integer(1).optional().describe("version of ONNX's operators, 13 to 23; default 18"),
  minAgreement: fields.share().default(0.9).describe("share of pixels that int8 must give fp32's class"),
  maxIouLoss: fields.nonNegative().default(0.02).describe("mean IoU that int8 may lose"),
  data: fields.text("DATA").optional().describe("pictures for int8; default what the run was trained on"),
  author: fields.text("NAME").optional().describe("who made the model, for the file's metadata"),
  threads: fields.integer(1).optional().describe("threads that compute; default one a core"),
});

type Options = z.infer<typeof options>;

export const exportCommand = defineCommand({
  name: "export",
  summary: "write a trained model as one ONNX file that predicts the same",
  usage: "RUN [--out model.onnx] [--precision fp32|fp16|int8]",
  options,
  async run({ options: given, given: written, positionals, output, signal }) {
    if (written.has("layout") && !given.uint8Input)
      throw new ConfigError("export: --layout is of the pixels that --uint8-input takes", {
        hint: "Add --uint8-input, or leave --layout out.",
      });
    const run = new RunFolder(oneRun(positionals));
    const trained = await run.readWeights(given.weights);
    const pictures =
      given.precision === "int8" ? await openPictures(run, trained.card, given, { output, signal }) : null;
    const out = given.out ?? run.file(given.format === "huggingface" ? "huggingface" : "model.onnx");
    const bar = output.bar();
    try {
      const rate = new RateBar(bar);
      const onCheck = (done: number, total: number): void => rate.update("comparing with the live model", done, total);
      const onnx = { ...(await onnxOptions(run, given, pictures && batchesOf(pictures, rate))), onCheck };
      const exported =
        given.format === "onnx" ? await exportOnnx(trained, out, onnx) : await exportHuggingFace(trained, out, onnx);
      bar.clear();
      report(exported, out, output);
    } finally {
      bar.clear();
      await pictures?.close();
    }
  },
});

function oneRun([path, ...more]: readonly string[]): string {
  if (path !== undefined && more.length === 0) return path;
  throw new ConfigError(
    `export: expected one run folder, but received ${path === undefined ? "none" : [path, ...more].join(" ")}`,
    {
      hint: "Write segkit export RUN.",
    },
  );
}

async function onnxOptions(
  run: RunFolder,
  { precision, argmax, uint8Input, layout, opset, author, threads, minAgreement, maxIouLoss }: Options,
  batches: Pick<ExportOnnxOptions, "calibration" | "validation"> | null,
): Promise<ExportOnnxOptions> {
  return {
    ...{ precision, argMax: argmax, uint8Input: uint8Input && layout, minAgreement, maxIouLoss },
    ...(opset !== undefined && { opset }),
    ...batches,
    origin: { ...(await exportOrigin(run)), ...(author !== undefined && { author }) },
    runtime: await openRuntime(threads === undefined ? {} : { threads }),
  };
}

/** Training pictures, not transformed at random, to calibrate with, and validation pictures to measure on. */
async function openPictures(run: RunFolder, card: ModelCard, given: Options, io: CommandIo): Promise<SegmentationData> {
  const recorded = await run.readArguments();
  const masks = await masksOf(recordedMasks(recorded));
  const dataset = await openData(given.data ?? String(recorded.data), io, { size: card.size, masks });
  requireSameClasses("export", card, dataset);
  const [train, valid] = [spread(dataset.train, mostPictures), spread(dataset.valid, mostMeasured)];
  const batchSize = Math.min(8, train.length, valid.length);
  return databunch({ ...dataset, train, valid }, { size: card.size, stats: card.stats, batchSize, transforms: [] });
}

/** The batches to calibrate with and to measure on, shown on a bar while they are taken. */
function batchesOf(
  { train, valid }: SegmentationData,
  rate: RateBar,
): Pick<ExportOnnxOptions, "calibration" | "validation"> {
  return { calibration: shown(train, "calibrating", rate), validation: shown(valid, "measuring", rate) };
}

async function* shown(loader: BatchLoader, what: string, rate: RateBar): AsyncGenerator<Batch, void, void> {
  let done = 0;
  for await (const batch of loader.batches(0)) {
    rate.update(what, done, loader.length);
    yield batch;
    rate.update(what, ++done, loader.length);
  }
}

/** Pictures that a quantised file is measured on, at most. */
const mostMeasured = 128;

/** So many of a list, evenly spread over it. */
function spread<T>(list: readonly T[], most: number): T[] {
  const step = Math.max(list.length / most, 1);
  return Array.from({ length: Math.min(list.length, most) }, (_, i) => list[Math.floor(i * step)]!);
}

function report({ bytes, spec, checks, measured }: ExportedModel, out: string, output: Output): void {
  const megabytes = (bytes.length / 1e6).toFixed(1);
  output.line(`${spec.precision} model with ${spec.names.length} classes, ${megabytes} MB, in ${out}`);
  // Of a quantised network, the mean IoU tells what drawn patterns do not.
  for (const { size, difference, agreement } of spec.precision === "int8" ? [] : checks) {
    const [n, height, width] = size;
    const pictures = `${n} × ${height}×${width}`;
    const far = difference === null ? "" : `, logits within ${difference.toExponential(1)} of the largest`;
    output.line(`  as the live model at ${pictures}: ${(100 * agreement).toFixed(2)} % of the classes${far}`);
  }
  if (measured?.meanIou) {
    const { agreement, pictures, meanIou } = measured;
    const scores = `mean IoU ${meanIou.fp32.toFixed(4)} and ${meanIou.int8.toFixed(4)}`;
    output.line(
      `  fp32 and int8 on ${pictures} validation pictures: ${(100 * agreement).toFixed(2)} % of the classes alike, ${scores}`,
    );
  }
  output.event("export", { out, bytes: bytes.length, spec, checks, ...(measured && { measured }) });
}
