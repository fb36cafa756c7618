import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { mkdir } from "node:fs/promises";
import { readRecord } from "../../src/cli/prediction-record.ts";
import { yamlSource } from "../../src/data/check/yaml-source.node.ts";
import { decodeCocoRle } from "../../src/data/coco-rle.ts";
import { parseDataDescription } from "../../src/data/data-description.ts";
import { decodeImage, decodeMask } from "../../src/data/decode.node.ts";
import { readCodes } from "../../src/data/item-list.node.ts";
import { rleDecode } from "../../src/data/mask-rle.ts";
import { extractArchive } from "../../src/data/remote/extract.node.ts";
import { loadPredictor } from "../../src/inference/file/load-predictor.node.ts";
import { readTensors } from "../../src/inference/pretrained.node.ts";
import { parseEpochs } from "../../src/report/epoch-table.ts";
import { decodeCheckpoint } from "../../src/train/checkpoint.ts";
import { RunFolder } from "../../src/train/run-folder.node.ts";

/** How a file is read, as the program does. */
export const reads = {
  picture: (path: string) => decodeImage(path),
  mask: (path: string) => decodeMask(path),
  async rle(path: string) {
    const { height, width, text } = JSON.parse(await readFile(path, "utf8"));
    return rleDecode(text, { height, width });
  },
  async "coco rle"(path: string) {
    return decodeCocoRle(JSON.parse(await readFile(path, "utf8")));
  },
  codes: (path: string) => readCodes(path),
  "data.yaml": (path: string) => yamlSource(path),
  "args.yaml": (path: string) => new RunFolder(dirname(path)).readArguments(),
  "data.json": async (path: string) => parseDataDescription(await readFile(path, "utf8"), "data.json"),
  "predict.json": (path: string) => readRecord(dirname(path)),
  "results.csv": async (path: string) => parseEpochs(await new RunFolder(dirname(path)).readResults()),
  weights: (path: string) => readTensors(path),
  checkpoint: async (path: string) => decodeCheckpoint(await readFile(path)),
  async onnx(path: string) {
    await (await loadPredictor(path, { backend: "cpu", threads: 1 })).release();
  },
  async archive(path: string) {
    const target = join(dirname(path), "target");
    await mkdir(target);
    await extractArchive(path, target);
  },
} satisfies Record<string, (path: string) => Promise<unknown>>;

/** What the file must be called for it. */
export function nameFor(read: keyof typeof reads): string {
  return read.includes(".") ? read : ({ codes: "codes.txt", mask: "mask.png" }[read as string] ?? "file");
}
