/** @file Help texts, and wrong command lines: each has its exit code and one sentence with a remedy. */
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { ModelCard } from "../src/inference/card.ts";
import { RunFolder } from "../src/train/run-folder.node.ts";
import { segkitHere } from "./support/cli.ts";
import { tempFolder, writeDataset } from "./support/dataset.ts";

const classes = ["sky", "road", "car", "void"];
const card: ModelCard = {
  format: 1,
  architecture: {
    ...{ encoder: "resnet18", channels: 3, blur: false, blurFinal: true, selfAttention: false, yRange: null },
    ...{ lastCross: true, bottle: false, normType: null },
  },
  ...{ classes, voidIndex: 3, palette: classes.map((_, i): [number, number, number] => [i, i, i]) },
  size: [32, 48],
  stats: { mean: [0, 0, 0], std: [1, 1, 1] },
};

let root: string;

/** A folder with a dataset, and runs in several states: none of them was trained, and nothing here trains. */
beforeAll(async () => {
  root = await tempFolder();
  await cp(await writeDataset({ classes }), join(root, "data"), { recursive: true });
  await cp(await writeDataset({ classes: ["sea", "land"] }), join(root, "other"), { recursive: true });
  await writeFile(join(root, "file"), "");
  await mkdir(join(root, "empty"));
  const complete = new RunFolder(join(root, "complete"));
  const begun = new RunFolder(join(root, "begun"));
  for (const run of [complete, begun]) {
    await run.create();
    await run.writeArguments({ data: join(root, "data"), bs: 2, size: "32x48" });
  }
  const weights = new Map([["w", { dtype: "F32", shape: [1], data: Float32Array.of(0) } as const]]);
  for (const name of ["best", "last"] as const) await complete.writeWeights(name, weights, card);
  await cp(complete.path, join(root, "damaged"), { recursive: true });
  await writeFile(join(root, "damaged", "weights", "best.safetensors"), "123456789");
});

/** Runs a command line in the root and expects it to end with a code and these lines, having made nothing. */
async function expectRefused(line: string, code: number, lines: string): Promise<void> {
  const before = await readdir(root, { recursive: true });
  const { stderr, stdout, ...result } = await segkitHere(line.split(" ").filter(Boolean), { cwd: root });
  const text = stderr
    .replaceAll(/^note: .*\n/gm, "")
    .replaceAll(root, "ROOT")
    .trimEnd();
  expect(`${result.code} ${text}`).toBe(`${code} segkit: ${lines}`);
  expect(stdout).not.toContain("train_loss");
  expect(await readdir(root, { recursive: true })).toEqual(before);
}

const noRun =
  "empty is not a run folder: it has no args.yaml\n  Give a folder that segkit train made, such as runs/train/streets.";
const damaged =
  "damaged/weights/best.safetensors: expected a header of at most 16777216 bytes, but its length is given as 4050765991979987505\n  The file is damaged or not a safetensors file; write or download it again.";

const train = "train --data data --encoder resnet18 --size 32x48 --bs 2";

describe("train", () => {
  test("says how little memory it could do with, where it is not given that much", async () => {
    const { code, stderr } = await segkitHere([...train.split(" "), "--memory", "100MB"], { cwd: root });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /segkit: memory: batches of 2 at 32×48 need at least \d\.\d\d GB with everything computed again, more than 100 MB\n/,
    );
  });

  test.each([
    [
      "train --data nowhere",
      3,
      "data: folder nowhere does not exist\n  Name a folder with images/, labels/, codes.txt and valid.txt, or one of: streets, camvid, camvid-tiny.",
    ],
    ["train --data=street", 3, "data: folder street does not exist\n  Did you mean streets?"],
    ["train data", 2, 'train: unexpected word "data"\n  Name the data with --data FOLDER.'],
    [
      `${train} --size 31x64`,
      2,
      "model: expected pictures of at least 32×32 pixels, but received 31×64\n  Choose a size of at least 32×32; smaller pictures can be enlarged.",
    ],
    [
      `${train} --memory lots`,
      2,
      '--memory: expected an amount of memory such as 1.5GB or 800MB, but received "lots"\n  See segkit train --help.',
    ],
    [
      "train --data data --encoder resnet18 --size 32x48 --bs auto --backend webgpu",
      2,
      "--bs auto: WebGPU does not tell how much memory the GPU has, or how much of it is free\n  Say how much training may take, such as --memory 6GB, or give --bs a number; if that is too much, batches go in halves.",
    ],
    [`${train} --bs 5`, 2, "train: 4 training pictures do not fill one batch of 5\n  Use --bs 4 or less."],
    [
      `${train} --out file`,
      4,
      "folder file cannot be written: there is a file of that name\n  Choose a folder that can be written.",
    ],
    [
      `${train} --out file/run`,
      4,
      "folder file/run cannot be written: part of its path is a file\n  Choose a folder that can be written.",
    ],
    [
      `${train} --out complete`,
      2,
      "train: complete already holds a run\n  Choose another --out, or continue that run with --resume.",
    ],
    [
      "train --resume",
      2,
      "train: --resume needs the run's folder\n  Name it: segkit train --resume --out runs/train/NAME.",
    ],
    ["train --resume --out empty", 2, noRun],
    [
      "train --resume --out complete",
      2,
      "train: the run in complete is complete\n  Start a new run from its weights: --pretrained complete/weights/last.safetensors.",
    ],
    [
      "train --resume --out begun --bs 4",
      2,
      "train: --bs cannot change when a run goes on\n  Leave it out: --resume takes the options from the run's args.yaml.",
    ],
    [
      `${train} --pretrained nowhere.safetensors`,
      2,
      "nowhere.safetensors: cannot be read: ENOENT: no such file or directory, open 'nowhere.safetensors'\n  Give a .pth or .safetensors file.",
    ],
    [`${train} --pretrained damaged/weights/best.safetensors`, 7, damaged],
  ])("%s", expectRefused);

  test.runIf(process.platform === "linux")("into a place where no folder can be made", async () => {
    await expectRefused(
      `${train} --out /proc/segkit/run`,
      4,
      "folder /proc/segkit/run cannot be written: folders cannot be made there\n  Choose a folder that can be written.",
    );
  });

  test("weights that do not fit the model", async () => {
    const result = await segkitHere([...train.split(" "), "--pretrained", "complete/weights/best.safetensors"], {
      cwd: root,
    });
    expect(result.code).toBe(2);
    expect(result.stderr).toContain("weights: none of the file's 1 tensors fits the model");
    expect(await readdir(root)).not.toContain("runs");
  });
});

describe("validate and predict", () => {
  test.each([
    ["validate", 2, "validate: expected one run folder, but received none\n  Write segkit validate RUN."],
    ["validate empty", 2, noRun],
    ["validate begun", 2, "begun has no weights/best.safetensors yet\n  Train again, or use other --weights."],
    ["validate damaged", 7, damaged],
    [
      "validate complete --data other",
      3,
      "validate: the model knows the classes sky, road, car, void, but the data has sea, land\n  Validate on data with the classes that the model was trained on, in the same order.",
    ],
    ["predict empty data/images --out out", 2, noRun],
    [
      "predict complete data/images",
      2,
      "predict: expected a run folder or an exported model, pictures and --out DIR\n  Write segkit predict RUN FILE|FOLDER --out DIR.",
    ],
    [
      "predict complete nowhere.png --out out",
      3,
      "predict: nowhere.png does not exist\n  Give pictures, folders of pictures, videos, or patterns such as 'pictures/**/*.jpg'.",
    ],
    [
      "predict complete empty --out out",
      3,
      "predict: folder empty holds no pictures\n  Give pictures, folders of pictures, videos, or patterns such as 'pictures/**/*.jpg'.",
    ],
    [
      "predict complete data/images --out data/images",
      2,
      "predict: data/images/scene_000.png would be written over a picture\n  Choose another folder for --out.",
    ],
    ["predict damaged data/images --out out", 7, damaged],
  ])("%s", expectRefused);
});

describe("usage", () => {
  test.each([
    [
      "trian",
      2,
      "unknown command trian\n  Did you mean train? There are: train, lr-find, validate, predict, export, serve, demo, report, data, doc.",
    ],
    ["train --epoch 3", 2, "unknown option --epoch\n  Did you mean --epochs? See segkit train --help."],
    [
      "train --bs 0",
      2,
      '--bs: expected auto or a whole number of at least 1, but received "0"\n  See segkit train --help.',
    ],
    [
      "train --size 96",
      2,
      '--size: expected HEIGHTxWIDTH such as 96x128, but received "96"\n  See segkit train --help.',
    ],
    [
      "train lr=abc",
      2,
      '--lr: expected auto, a number above 0, or two of them such as 1e-5:1e-3, but received "abc"\n  See segkit train --help.',
    ],
    [
      "train --moms 0.9",
      2,
      '--moms: expected two numbers from 0 to 1 such as 0.95,0.85, but received "0.9"\n  See segkit train --help.',
    ],
    ["lr-find --epochs 3", 2, "unknown option --epochs\n  See segkit lr-find --help."],
    [
      "train --encoder resnext50",
      2,
      '--encoder: expected one of resnet18, resnet34, resnet50, resnet101, mobilenetV3Large, efficientnetLite0, but received "resnext50"\n  See segkit train --help.',
    ],
  ])("%s", expectRefused);

  test("--json says it on standard output, too", async () => {
    const { code, stdout } = await segkitHere(["train", "--json", "--bs", "0"]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      event: "error",
      message: '--bs: expected auto or a whole number of at least 1, but received "0"',
      hint: "See segkit train --help.",
      exitCode: 2,
    });
  });

  test("--debug says where it came from", async () => {
    const { stderr } = await segkitHere(["train", "--debug", "--bs", "0"]);
    expect(stderr).toMatch(/^ {4}at .*arguments/m);
  });
});

describe("help", () => {
  test("segkit, segkit help and --help are the same", async () => {
    const [bare, help, option] = await Promise.all([[], ["help"], ["--help"]].map((args) => segkitHere(args)));
    expect(help).toEqual(bare);
    expect(option).toEqual(bare);
    expect(bare).toMatchObject({ code: 0, stderr: "" });
    expect(bare?.stdout).toMatchInlineSnapshot(`
      "segkit: train image-segmentation models on your own pictures

        segkit train [--data streets|FOLDER] [--size HxW] [--epochs N] [--out DIR] …
            train a U-Net on a folder of images and masks
        segkit lr-find [--data streets|FOLDER] [--out FILE.svg] …
            search a learning rate: raise it from batch to batch and watch the loss
        segkit validate RUN [--data FOLDER] [--weights best|last]
            measure a trained model on the validation pictures
        segkit predict RUN|MODEL.onnx FILE|FOLDER|PATTERN … --out DIR [--format …] …
            write masks, overlays, polygons and more for pictures and videos
        segkit export RUN [--out model.onnx] [--precision fp32|fp16|int8]
            write a trained model as one ONNX file that predicts the same
        segkit serve MODEL [--host ADDRESS] [--port N]
            predict masks of pictures that are sent over HTTP
        segkit demo RUN|MODEL.onnx [--port N] [--out DIR]
            show a model in a web page: on pictures and the camera, computed by the browser
        segkit report RUN [RUN …] [--out FILE]
            write what a run did as one HTML file, or compare several runs in one
        segkit data download camvid|camvid-tiny|URL|ARCHIVE [--dest DIR] [--force]
        segkit data check FOLDER|YAML|camvid [--report FILE.html] [--mask-div] …
        segkit data show streets|FOLDER [--transforms fastai] [--out FILE.png] …
            download a dataset; find out what is wrong with one; see it as it is trained on
        segkit doc [NAME | CLASS.MEMBER]
            show what an exported name is and does, as an editor shows it

      segkit COMMAND --help shows the options of a command.
      --key value, --key=value and key=value mean the same.

      Exit codes: 0 done, 1 internal error, 2 wrong usage, 3 unfit dataset, 4 out of
      memory or disk, 5 diverged, 6 quality gate not reached, 7 damaged file, 129, 130
      and 143 interrupted, after a checkpoint was written."
    `);
  });

  test("of train, by three ways", async () => {
    const ways = [
      ["train", "--help"],
      ["help", "train"],
      ["train", "--bs", "0", "-h"],
    ];
    const [first, ...others] = await Promise.all(ways.map((args) => segkitHere(args)));
    for (const other of others) expect(other).toEqual(first);
    expect(first?.stdout).toMatchInlineSnapshot(`
      "segkit train [--data streets|FOLDER] [--size HxW] [--epochs N] [--out DIR] …
          train a U-Net on a folder of images and masks

        --data DATA                   streets (drawn by segkit), camvid or camvid-tiny
                                      (downloaded), a folder with images/, labels/,
                                      codes.txt and valid.txt, or the path or address
                                      of a .tgz of one (default streets)
        --size HxW                    height and width to train at, such as 96x128;
                                      default half the pictures' own
        --bs N|auto                   pictures of a batch; auto takes what there is
                                      memory for, at most 16 (default 8)
        --memory SIZE                 most memory of the training, on webgpu the
                                      GPU's, such as 2GB: what does not fit is
                                      computed twice
        --epochs N                    passes over the training pictures (default 10)
        --lr X|auto|X:X               highest learning rate; X:Y for the first and the
                                      last layers; auto searches one (default 0.001)
        --wd X                        weight decay (default 0.01)
        --schedule NAME               how the learning rate goes: one-cycle, flat-cos
                                      (flat, then down to 0) or constant (default
                                      one-cycle)
        --pct-start X                 share of a one-cycle before the highest learning
                                      rate (default 0.3)
        --moms X,X                    momentum at the ends and at the peak; default
                                      0.95,0.85
        --div X                       a one-cycle starts at the highest rate divided
                                      by it; default 25
        --final-div X                 and ends at that divided by this; default div
                                      times 10000
        --patience N                  end when mean IoU has made no progress for more
                                      epochs than this
        --time-budget X               minutes for all fits; the schedule is shortened
                                      to fit in
        --clip X                      longest gradient; longer ones are shortened
        --accumulate N                batches of one step, for large batches on small
                                      memory
        --ema X                       validate and save moving averages of the
                                      weights, such as 0.999
        --mixup X                     blend pictures, with this alpha, such as 0.4
        --cutmix X                    copy rectangles between pictures, with this
                                      alpha, such as 1
        --loss LOSS                   what is minimised: crossEntropy, focal, dice,
                                      jaccard, lovaszSoftmax, tversky, or a sum such
                                      as crossEntropy+0.5*dice (default crossEntropy)
        --class-weights auto|LIST     how much each class counts: numbers such as
                                      1,0.5,2, or auto to count the training masks
        --transforms NAME             random transforms of the training pictures: flip
                                      (left and right), none, fastai (its usual ones)
                                      (default flip)
        --mask-div                    divide the values of masks by 255: for masks of
                                      0 and 255
        --mask-map FROM:TO,…          class ids for values of the masks, such as
                                      255:11,7:0
        --mask-colours FILE           for masks drawn in colours: red green blue of
                                      every class, one a line
        --ignore-index N|void         id of pixels that neither train nor count; void
                                      is the class of that name
        --metrics LIST                measured beside acc_camvid and mean_iou, such as
                                      meanDice,boundaryIou
        --encoder NAME                encoder of the U-Net: resnet18, resnet34,
                                      resnet50, resnet101, mobilenetV3Large,
                                      efficientnetLite0 (default resnet34)
        --norm NAME                   normalisation of the decoder's layers: none,
                                      batch, batchZero, weight, spectral (default
                                      none)
        --bottle                      halve the channels inside the last residual
                                      block
        --self-attention              self-attention in the decoder
        --blur                        blur what the decoder upsamples
        --pretrained true|false|FILE  weights to start from: true for the encoder's
                                      published ones, or a .pth or .safetensors file
                                      (default false)
        --freeze-epochs N             epochs that train only the decoder, before all
                                      others (default 0)
        --out DIR                     run folder; default a new one in runs/train
        --theme NAME                  colours of results.png (default light)
        --tensorboard                 log to event files in the run folder, to look at
                                      with TensorBoard
        --seed N                      decides initial weights, order and transforms
                                      (default 0)
        --no-report                   write no report.html when the training is done
        --resume                      continue the interrupted run in --out, with its
                                      own options
        --on-bad NAME                 pictures that cannot be read: stop the training,
                                      or skip them (others take their places) (default
                                      stop)
        --max-bad N                   most pictures that may be skipped; default a
                                      twentieth of them
        --save-every X                minutes between two checkpoints, beside the one
                                      after every epoch (default 2)
        --workers N                   threads that decode pictures; default up to 2
        --threads N                   threads that compute; default one a core
        --backend NAME                auto, cpu (native), wasm (WebAssembly, runs
                                      everywhere) or webgpu (the GPU) (default auto)
        --formulas NAME               how convolutions are computed: tune times the
                                      ways once on this machine, auto takes what that
                                      found, rule does not (default auto)
        --fp16                        convolutions in float16, where webgpu's GPU can;
                                      weights stay float32
        --min-acc X                   end with exit code 6 below this accuracy without
                                      void
        --min-miou X                  end with exit code 6 below this mean IoU
        --json                        print one JSON object a line, for machines
        --debug                       show where an error came from
        --help                        show this"
    `);
  });

  test("--version", async () => {
    const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect(await segkitHere(["--version"])).toMatchObject({ code: 0, stdout: `segkit ${version}` });
  });
});
