// Does one exported file give the same classes everywhere?
//
//   npm run bench:everywhere -- --model FILE --data FOLDER [--python PATH] [--pictures 4] [--record]
//
// FILE is what `segkit export RUN` wrote (fp32, logits). Pictures of FOLDER's validation list, brought to the size that the model
// was trained at, are predicted in Node natively and as WebAssembly, in Chromium as WebAssembly and on WebGPU (SwiftShader, which
// takes its time), by Transformers.js and by ONNX Runtime for Python, behind the ONNX project's own checker, and compared with the logits of Node's native run. Another
// class whose logit is within a ten-thousandth of the largest of the best one is a tie. Ends with 1 where fewer than 99.99 % of the
// other pixels have the same class, or one of the six cannot run. --record puts the table into README.md.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { openFolder } from "../src/data/folder.node.ts";
import { prepareImage } from "../src/data/transforms/sample.ts";
import { loadPredictor, type RgbImage } from "../src/inference/index.node.ts";
import { agreementOf, type ClassComparison, compareClasses } from "../test/support/ties.ts";
import { participants, type Problem } from "./everywhere/participants.ts";
import { machineLine } from "./machine.ts";
import { recordTable } from "./record.ts";
import { type Cells, markdownTable, textTable } from "./report.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    data: { type: "string" },
    python: { type: "string", default: process.env.SEGKIT_PYTHON ?? "python3" },
    pictures: { type: "string", default: "4" },
    record: { type: "boolean", default: false },
  },
});
if (values.model === undefined || values.data === undefined)
  throw new Error("everywhere: name an exported file with --model, and a dataset with --data");

const least = 0.9999;
const bytes = new Uint8Array(await readFile(values.model));
const predictor = await loadPredictor(bytes);
const { spec } = predictor;
if (spec.output.kind !== "logits" || spec.input.dtype !== "float32")
  throw new Error("everywhere: expected a file that was exported without --argmax and --uint8-input");
const [height, width] = spec.resize.size;

/** Validation pictures, evenly spread over the list, at the size of the model. */
async function picturesOf(data: string, count: number): Promise<RgbImage[]> {
  const { valid } = await openFolder(data);
  const chosen = Array.from({ length: count }, (_, i) => valid[Math.floor((i * valid.length) / count)]!.image);
  return Promise.all(
    chosen.map(async (file) => {
      const image = sharp(file, { ignoreIcc: true }).resize(width, height, { fit: "fill" });
      return { data: new Uint8Array(await image.removeAlpha().raw().toBuffer()), height, width };
    }),
  );
}

const images = await picturesOf(values.data, Number(values.pictures));
const folder = await mkdtemp(join(tmpdir(), "everywhere-"));
const problem: Problem = { bytes, spec, images, folder, python: values.python };
const logits: Float32Array[] = [];
for (const image of images) {
  const data = prepareImage(image, { size: spec.resize.size, stats: spec.stats });
  logits.push((await predictor.run({ data, shape: [1, 3, height, width] })).data as Float32Array);
}
await predictor.release();

const sum = (all: readonly ClassComparison[], key: keyof ClassComparison): number =>
  all.reduce((total, each) => total + each[key], 0);

const rows: Cells[] = [["where", "pixels", "other class", "of them ties", "the same, ties aside, %", ""]];
let failed = false;
try {
  await writeFile(join(folder, "model.onnx"), bytes);
  for (const participant of participants) {
    const { name } = participant;
    try {
      const { masks, about } = await participant.run(problem);
      const all = logits.map((each, i) => compareClasses(each, spec.names.length, masks[i] ?? []));
      const total = { pixels: sum(all, "pixels"), differing: sum(all, "differing"), ties: sum(all, "ties") };
      const share = agreementOf(total);
      failed ||= !(share >= least);
      rows.push([name, ...[total.pixels, total.differing, total.ties].map(String), (100 * share).toFixed(4), about]);
    } catch (error) {
      failed = true;
      rows.push([name, "", "", "", "", `failed: ${String(error).split("\n")[0]}`]);
    }
    console.log(rows.at(-1)!.join("  "));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
const classes = new Set(logits.flatMap((each) => bestClasses(each)));
const about = `${machineLine()}; ${images.length} pictures of ${height}×${width}, ${classes.size} of ${spec.names.length} classes seen`;
console.log(`\n${about}\n${textTable(rows)}\n${failed ? "NOT THE SAME EVERYWHERE" : "the same everywhere"}`);
if (values.record) await recordTable("everywhere", `${about}:\n\n${markdownTable(rows)}`);
process.exitCode = failed ? 1 : 0;

function bestClasses(each: Float32Array): number[] {
  const pixels = height * width;
  return Array.from({ length: pixels }, (_, at) => {
    const own = spec.names.map((_, c) => each[c * pixels + at]!);
    return own.indexOf(Math.max(...own));
  });
}
