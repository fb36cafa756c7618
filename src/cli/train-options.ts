import { z } from "zod";
import { encoders } from "../models/encoders/index.ts";
import * as fields from "./fields.ts";

const encoderNames = Object.keys(encoders) as [keyof typeof encoders, ...(keyof typeof encoders)[]];

/** The options of `segkit train`; what args.yaml of a run records. */
export const trainOptions = z.object({
  data: fields
    .text("DATA")
    .default("streets")
    .describe("streets (drawn by segkit), or a folder with images/, labels/, codes.txt and valid.txt"),
  size: fields
    .size()
    .optional()
    .describe("height and width to train at, such as 96x128; default half the pictures' own"),
  bs: fields.integer(1).default(8).describe("pictures of a batch"),
  epochs: fields.integer(1).default(10).describe("passes over the training pictures"),
  lr: fields.positive().default(1e-3).describe("highest learning rate of the one-cycle schedule"),
  wd: fields.nonNegative().default(0.01).describe("weight decay"),
  pctStart: fields.share().default(0.3).describe("share of the training before the highest learning rate"),
  encoder: fields
    .word(encoderNames)
    .default("resnet34")
    .describe(`encoder of the U-Net: ${encoderNames.join(", ")}`),
  bottle: z.boolean().default(false).describe("halve the channels inside the last residual block"),
  selfAttention: z.boolean().default(false).describe("self-attention in the decoder"),
  blur: z.boolean().default(false).describe("blur what the decoder upsamples"),
  pretrained: fields.text("FILE").default("false").describe("false, or a .safetensors file with weights to start from"),
  freezeEpochs: fields.integer(0).default(0).describe("epochs that train only the decoder, before all others"),
  out: fields.text("DIR").optional().describe("run folder; default a new one in runs/train"),
  seed: fields.integer(0).default(0).describe("decides initial weights, order and transforms"),
  resume: z.boolean().default(false).describe("continue the interrupted run in --out, with its own options"),
  workers: fields.integer(0).optional().describe("threads that decode pictures; default up to 2"),
  threads: fields.integer(1).optional().describe("threads that compute; default one a core"),
  backend: fields.word(["auto", "cpu", "wasm"]).default("auto").describe("auto, cpu (native) or wasm"),
  minAcc: fields.share().optional().describe("end with exit code 6 below this accuracy without void"),
  minMiou: fields.share().optional().describe("end with exit code 6 below this mean IoU"),
});

export type TrainOptions = z.infer<typeof trainOptions>;
