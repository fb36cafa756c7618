import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRecord } from "../../src/cli/prediction-record.ts";
import { yamlSource } from "../../src/data/check/yaml-source.node.ts";
import { parseCsv } from "../../src/data/csv.ts";
import { parseDataDescription } from "../../src/data/data-description.ts";
import { readCodes } from "../../src/data/item-list.node.ts";
import { readConfig } from "../../src/data/remote/config.node.ts";
import { bestRow, columnOf, metricColumns, parseEpochs } from "../../src/report/epoch-table.ts";
import { RunFolder } from "../../src/train/run-folder.node.ts";
import { decodeEvent } from "../../src/train/tensorboard/event.ts";
import { recordOf, wholeRecords } from "../../src/train/tensorboard/record.ts";
import { encodeEvent } from "../../src/train/tensorboard/event.ts";
import { mutated, oneOf, type Token } from "../mutate.ts";
import type { Reader } from "../reader.ts";

function texts(seeds: readonly string[], tokens: readonly Token[], read: Reader["read"], megabytes = 150): Reader {
  const files = seeds.map((text) => Buffer.from(text));
  return { megabytes, inputs: async () => (random) => mutated(random, oneOf(random, files), tokens), read };
}

const odd: readonly Token[] = [
  "\0",
  "\uFEFF",
  "\u2028",
  "é",
  "\u202E",
  Buffer.from([0xff]),
  Buffer.from([0xc0, 0xaf]),
  "\r",
  "\x1b[2J",
];

/** codes.txt */
export const codes = texts(["Sky\nTraffic light\nVoid\n", "\uFEFFa\r\nb\r\nc"], odd, async (input, folder) => {
  const file = join(folder, "codes.txt");
  writeFileSync(file, input);
  await readCodes(file);
});

const yamlTokens: readonly Token[] = [
  ...[
    "[",
    "{",
    "- ",
    "? ",
    ": ",
    "&a ",
    "*a",
    "!!binary ",
    "!!js/function ",
    "<<: *a",
    "%YAML 1.1\n---\n",
    "---\n",
    "| \n",
    "> \n",
  ],
  ...[
    "\t",
    "#",
    "'",
    '"',
    "__proto__: ",
    "constructor: ",
    "../",
    "/etc",
    "~",
    "0x1f",
    ".inf",
    "2024-01-01",
    "names:",
    "train:",
    "path: ",
  ],
  ...odd,
];

/** data.yaml, args.yaml and config.yml: the same text as each of them. */
export const yaml = texts(
  [
    "train: images/train\nval: images/val\nnames: [sky, road, car]\n",
    "path: .\ntrain: [images/train]\nval: val.txt\nmasks: masks\nnames: {0: sky, 1: road, 2: car}\n",
    "data: my-data\nsize: 360x480\nepochs: 20\nlr: 0.003\nnoReport: false\n",
    "data_path: data\ndata_archive_path: ~/archives\nmodel_path: /models\n",
    "a: &a [1, 2, {b: c}]\nd: *a\ne: |\n  text\n  more\nf: >-\n  folded\n? g\n: h\n",
  ],
  yamlTokens,
  async (input, folder) => {
    const images = join(folder, "images", "train");
    mkdirSync(images, { recursive: true });
    writeFileSync(join(images, "a.png"), "a picture is not read yet");
    writeFileSync(join(folder, "val.txt"), "images/train/a.png\n../b.png\n");
    for (const name of ["data.yaml", "args.yaml", "config.yml"]) writeFileSync(join(folder, name), input);
    for (const read of [
      () => yamlSource(join(folder, "data.yaml")),
      () => new RunFolder(folder).readArguments(),
      () => readConfig({ SEGKIT_HOME: folder }),
    ])
      await read().catch(onlyRefusals);
  },
);

/** results.csv and run.json of a run folder. */
export const results = texts(
  [
    "epoch,train_loss,valid_loss,accuracy,mean_iou,time\n0,1.25,0.9,0.7,0.3,00:12\n1,0.8,0.7,0.8,0.4,00:11\n",
    JSON.stringify({
      ...{ format: 1, started: "2026-01-01T00:00:00Z", versions: { segkit: "0.1.0" }, weights: "random" },
      machine: { system: "Linux", processor: "x", cores: 2, memory: 1e9, engine: "cpu" },
      data: { train: 4, valid: 2, hash: "ab", split: "random" },
      steps: { batch: [1, 2], loss: [1, 0.5], lr: [1e-3, 1e-3], momentum: [0.9, 0.9] },
      epochs: [{ epoch: 0, batches: 2, pictures: 4, seconds: 1 }],
    }),
  ],
  [...odd, "[", "{", "NaN", "1e999", ",", "\n", '"__proto__":{},'],
  async (input, folder) => {
    for (const name of ["results.csv", "run.json"]) writeFileSync(join(folder, name), input);
    const run = new RunFolder(folder);
    await run.readRecord();
    const table = parseEpochs(await run.readResults());
    bestRow(table);
    for (const column of metricColumns(table)) columnOf(table, column);
  },
);

/** Tables of pictures, descriptions of data, and records of predictions. */
export const tables = texts(
  [
    'name,mask\n"a,1.png","x ""y"""\nb.png,c\n',
    JSON.stringify({ format: 1, classes: ["a", "b"], voidIndex: null, stats: null, options: { size: [4, 4] } }),
    JSON.stringify({ model: "the best weights", sha256: "ab", tta: false }),
  ],
  [...odd, '"', ",", "\n", "[", "{", '"__proto__":'],
  async (input, folder) => {
    const text = Buffer.from(input).toString("utf8");
    writeFileSync(join(folder, "predict.json"), input);
    for (const read of [
      async () => parseCsv(text, "table.csv"),
      async () => parseDataDescription(text, "data.json"),
      () => readRecord(folder),
    ])
      await read().catch(onlyRefusals);
  },
);

/** Event files of TensorBoard, which a run goes on with. */
export const events: Reader = {
  megabytes: 150,
  async inputs() {
    const summary = { value: [{ tag: "loss", simpleValue: 0.5 }] };
    const bodies = [
      encodeEvent({ step: 3, wallTime: 1, summary }),
      encodeEvent({ step: 0, wallTime: 1, fileVersion: "brain.Event:2" }),
    ];
    const whole = Buffer.concat(bodies.map(recordOf));
    return (random) => (random.chance(0.5) ? mutated(random, whole) : recordOf(mutated(random, oneOf(random, bodies))));
  },
  async read(input) {
    for (const { data } of wholeRecords(input)) decodeEvent(data);
  },
};

function onlyRefusals(error: unknown): void {
  if (!(error instanceof Error && "exitCode" in error && error.exitCode !== 1)) throw error;
}
