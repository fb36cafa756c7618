import { resolve } from "node:path";
import { z } from "zod";
import { losses } from "../losses/index.ts";
import { encoders } from "../models/encoders/index.ts";
import { type NormType, norms } from "../nn/conv-layer.ts";
import { recordedData } from "./data-source.ts";
import * as fields from "./fields.ts";

const normNames = Object.keys(norms) as NormType[];
const encoderNames = Object.keys(encoders) as [keyof typeof encoders, ...(keyof typeof encoders)[]];

/** The options of `segkit train`; what args.yaml of a run records. */
export const trainOptions = z.object({
  data: fields
    .text("DATA")
    .default("streets")
    .describe(
      "streets (drawn by segkit), camvid or camvid-tiny (downloaded), a folder with images/, labels/, codes.txt and valid.txt, or the path or address of a .tgz of one",
    ),
  size: fields
    .size()
    .optional()
    .describe("height and width to train at, such as 96x128; default half the pictures' own"),
  bs: fields.batchSize().default(8).describe("pictures of a batch; auto takes what there is memory for, at most 16"),
  memory: fields
    .memory()
    .optional()
    .describe("most memory of the training, on webgpu the GPU's, such as 2GB: what does not fit is computed twice"),
  epochs: fields.integer(1).default(10).describe("passes over the training pictures"),
  lr: fields
    .learningRate()
    .default(1e-3)
    .describe("highest learning rate; X:Y for the first and the last layers; auto searches one"),
  wd: fields.nonNegative().default(0.01).describe("weight decay"),
  schedule: fields
    .word(["one-cycle", "flat-cos", "constant"])
    .default("one-cycle")
    .describe("how the learning rate goes: one-cycle, flat-cos (flat, then down to 0) or constant"),
  pctStart: fields.share().default(0.3).describe("share of a one-cycle before the highest learning rate"),
  moms: fields.shares().optional().describe("momentum at the ends and at the peak; default 0.95,0.85"),
  div: fields.positive().optional().describe("a one-cycle starts at the highest rate divided by it; default 25"),
  finalDiv: fields.positive().optional().describe("and ends at that divided by this; default div times 10000"),
  patience: fields.integer(0).optional().describe("end when mean IoU has made no progress for more epochs than this"),
  timeBudget: fields.positive().optional().describe("minutes for all fits; the schedule is shortened to fit in"),
  clip: fields.positive().optional().describe("longest gradient; longer ones are shortened"),
  accumulate: fields.integer(1).optional().describe("batches of one step, for large batches on small memory"),
  ema: fields.share().optional().describe("validate and save moving averages of the weights, such as 0.999"),
  mixup: fields.positive().optional().describe("blend pictures, with this alpha, such as 0.4"),
  cutmix: fields.positive().optional().describe("copy rectangles between pictures, with this alpha, such as 1"),
  loss: fields
    .text("LOSS")
    .default("crossEntropy")
    .describe(`what is minimised: ${Object.keys(losses).join(", ")}, or a sum such as crossEntropy+0.5*dice`),
  classWeights: fields
    .text("auto|LIST")
    .optional()
    .describe("how much each class counts: numbers such as 1,0.5,2, or auto to count the training masks"),
  transforms: fields
    .word(["flip", "none", "fastai"])
    .default("flip")
    .describe("random transforms of the training pictures: flip (left and right), none, fastai (its usual ones)"),
  maskDiv: z.boolean().default(false).describe("divide the values of masks by 255: for masks of 0 and 255"),
  maskMap: fields.text("FROM:TO,…").optional().describe("class ids for values of the masks, such as 255:11,7:0"),
  maskColours: fields
    .text("FILE")
    .optional()
    .describe("for masks drawn in colours: red green blue of every class, one a line"),
  ignoreIndex: z
    .string()
    .regex(/^(\d+|void)$/, { error: "expected a class id or void" })
    .meta({ placeholder: "N|void" })
    .optional()
    .describe("id of pixels that neither train nor count; void is the class of that name"),
  metrics: fields
    .text("LIST")
    .optional()
    .describe(`measured beside acc_camvid and mean_iou, such as meanDice,boundaryIou`),
  encoder: fields
    .word(encoderNames)
    .default("resnet34")
    .describe(`encoder of the U-Net: ${encoderNames.join(", ")}`),
  norm: fields
    .word(["none", ...normNames])
    .default("none")
    .describe(`normalisation of the decoder's layers: none, ${normNames.join(", ")}`),
  bottle: z.boolean().default(false).describe("halve the channels inside the last residual block"),
  selfAttention: z.boolean().default(false).describe("self-attention in the decoder"),
  blur: z.boolean().default(false).describe("blur what the decoder upsamples"),
  pretrained: fields
    .text("true|false|FILE")
    .default("false")
    .describe("weights to start from: true for the encoder's published ones, or a .pth or .safetensors file"),
  freezeEpochs: fields.integer(0).default(0).describe("epochs that train only the decoder, before all others"),
  out: fields.text("DIR").optional().describe("run folder; default a new one in runs/train"),
  theme: fields.theme("colours of results.png"),
  tensorboard: z.boolean().default(false).describe("log to event files in the run folder, to look at with TensorBoard"),
  seed: fields.integer(0).default(0).describe("decides initial weights, order and transforms"),
  noReport: z.boolean().default(false).describe("write no report.html when the training is done"),
  resume: z.boolean().default(false).describe("continue the interrupted run in --out, with its own options"),
  onBad: fields
    .word(["stop", "skip"])
    .default("stop")
    .describe("pictures that cannot be read: stop the training, or skip them (others take their places)"),
  maxBad: fields.integer(0).optional().describe("most pictures that may be skipped; default a twentieth of them"),
  saveEvery: fields.positive().default(2).describe("minutes between two checkpoints, beside the one after every epoch"),
  workers: fields.integer(0).optional().describe("threads that decode pictures; default up to 2"),
  threads: fields.integer(1).optional().describe("threads that compute; default one a core"),
  backend: fields.backend(),
  formulas: fields
    .word(["auto", "tune", "rule"])
    .default("auto")
    .describe(
      "how convolutions are computed: tune times the ways once on this machine, auto takes what that found, rule does not",
    ),
  fp16: z.boolean().default(false).describe("convolutions in float16, where webgpu's GPU can; weights stay float32"),
  minAcc: fields.share().optional().describe("end with exit code 6 below this accuracy without void"),
  minMiou: fields.share().optional().describe("end with exit code 6 below this mean IoU"),
});

export type TrainOptions = z.infer<typeof trainOptions>;

/** Options as args.yaml records them: as they are typed, and meaning the same from everywhere. */
export function recordedOptions(options: TrainOptions): Record<string, unknown> {
  const { resume: _, out: __, ...rest } = options;
  const { lr, data, size, maskColours } = rest;
  return {
    ...rest,
    ...{ lr: fields.showLearningRate(lr), data: recordedData(data) },
    ...(size && { size: size.join("x") }),
    ...(maskColours !== undefined && { maskColours: resolve(maskColours) }),
  };
}
