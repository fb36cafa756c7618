// fastai's lesson3-camvid, line for line: CamVid's 32 classes, half size, then full size, four stages of training.
// It downloads CamVid and ImageNet weights; --data takes any folder in CamVid's layout, --pretrained false or a .pth file:
//
//   npm run build && npx tsx examples/lesson3-camvid.ts [--data FOLDER] [--pretrained true|false|FILE] [--out DIR]
import { readdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { parseArgs } from "node:util";
import {
  accCamvid,
  type Callback,
  decodeImage,
  decodeMask,
  type EncoderName,
  getImageFiles,
  getTransforms,
  imagenetStats,
  type Metric,
  models,
  paletteFor,
  readCodes,
  SegmentationItemList,
  slice,
  unetLearner,
  untarData,
  URLs,
  writeImage,
  writeMask,
} from "segkit";

// Settings: the notebook's, unless the command line names others.
const { values: settings } = parseArgs({
  options: {
    data: { type: "string" },
    out: { type: "string", default: "runs/lesson3-camvid" },
    arch: { type: "string", default: "resnet34" },
    pretrained: { type: "string", default: "true" },
    size: { type: "string" }, // height x width of the first two stages; half the pictures' own
    bigSize: { type: "string" }, // of the last two; the pictures' own
    bs: { type: "string", default: "8" },
    bigBs: { type: "string", default: "3" },
    epochs: { type: "string", default: "10,12,10,10" }, // of the four stages
    lrFind: { type: "string", default: "100" }, // batches of the search for a learning rate
  },
});
const out = settings.out;
const arch = models[settings.arch as EncoderName];
const pretrained = settings.pretrained === "true" || (settings.pretrained !== "false" && settings.pretrained);
const epochs = settings.epochs.split(",").map(Number) as [number, number, number, number];
const numIt = Number(settings.lrFind);
const parseSize = (text: string) => text.split("x").map(Number) as [number, number];

// The data: look at them.
const path = settings.data ?? (await untarData(URLs.CAMVID));
console.log(await readdir(path));
const pathImg = join(path, "images");
const pathLbl = join(path, "labels");

const fnames = await getImageFiles(pathImg);
console.log(fnames.slice(0, 3));
const lblNames = await getImageFiles(pathLbl);
console.log(lblNames.slice(0, 3));

const imgF = fnames[0]!;
const img = await decodeImage(imgF);
await writeImage(join(out, "picture.png"), img);

const getYFn = (file: string) => join(pathLbl, `${basename(file, extname(file))}_P.png`);
const codes = await readCodes(join(path, "codes.txt"));
const mask = await decodeMask(getYFn(imgF));
await writeMask(join(out, "mask.png"), mask, paletteFor(codes));
const srcSize = [mask.height, mask.width] as const;
console.log(srcSize, mask.data.subarray(0, 10), codes);

// Datasets.
const size = settings.size ? parseSize(settings.size) : ([srcSize[0] >> 1, srcSize[1] >> 1] as const);
const images = await SegmentationItemList.fromFolder(pathImg);
const src = images.splitByFnameFile("../valid.txt").labelFromFunc(getYFn, { classes: codes });

let data = await src.transform(getTransforms(), { size, tfmY: true }).databunch({ bs: Number(settings.bs) });
data.normalize(imagenetStats);
await data.showBatch({ rows: 2, out: join(out, "batch.png") });
await data.showBatch({ rows: 2, dsType: "valid", out: join(out, "batch-valid.png") });

// The metric, by hand: pixels predicted right among those whose truth is not Void. segkit's own is accCamvid.
const voidCode = codes.indexOf("Void");
const byHand: Metric = {
  title: "acc_by_hand",
  better: "higher",
  accumulate() {
    let [right, all] = [0, 0];
    return {
      add({ predictions, truth }) {
        for (const [i, id] of truth.entries()) {
          if (id === voidCode) continue;
          right += Number(predictions[i] === id);
          all++;
        }
      },
      value: () => right / all,
    };
  },
};
const metrics = [byHand, accCamvid];
const wd = 1e-2;

// What a notebook prints by itself: a line for each epoch.
const printRow: Callback = {
  epochEnd(_, { epoch, trainLoss, validation, seconds }) {
    const numbers = [trainLoss, validation.loss, ...Object.values(validation.metrics)].map((x) => x.toFixed(6));
    console.log([epoch, ...numbers, `${seconds.toFixed(0)} s`].join("\t"));
  },
};
console.log(["epoch", "train_loss", "valid_loss", ...metrics.map(({ title }) => title), "time"].join("\t"));
const options = { metrics, wd, pretrained, path: out, callbacks: [printRow] };

// Stage 1: the decoder alone, if the encoder is pretrained.
let learn = await unetLearner(data, arch, options);
let found = await learn.lrFind({ numIt });
await found.plot(join(out, "lr-find.png"));
console.log("suggested learning rate:", found.suggestion);

let lr = 3e-3;
await learn.fitOneCycle(epochs[0], slice(lr), { pctStart: 0.9 });
await learn.save("stage-1");
await learn.load("stage-1");
await learn.recorder.plotLosses(join(out, "stage-1-losses.png"));
await learn.recorder.plotLr(join(out, "stage-1-lr.png"), { showMoms: true });
await learn.showResults({ rows: 3, out: join(out, "stage-1.png") });

// Stage 2: all layers.
await learn.unfreeze();
let lrs = slice(lr / 400, lr / 4);
await learn.fitOneCycle(epochs[1], lrs, { pctStart: 0.8 });
await learn.save("stage-2");
await learn.recorder.plotLosses(join(out, "stage-2-losses.png"));

// Go big: other batches of the same pictures, the weights of stage 2.
await learn.close();
const bigSize = settings.bigSize ? parseSize(settings.bigSize) : srcSize;
data = await src.transform(getTransforms(), { size: bigSize, tfmY: true }).databunch({ bs: Number(settings.bigBs) });
data.normalize(imagenetStats);

// Stage 3. The optimizer of stage 2 trained other layers: it stays behind, as in fastai.
learn = await unetLearner(data, arch, options);
await learn.load("stage-2", { withOpt: false });
found = await learn.lrFind({ numIt });
await found.plot(join(out, "lr-find-big.png"));

lr = 1e-3;
await learn.fitOneCycle(epochs[2], slice(lr), { pctStart: 0.8 });
await learn.save("stage-1-big");
await learn.load("stage-1-big");

// Stage 4.
await learn.unfreeze();
lrs = slice(1e-6, lr / 10);
await learn.fitOneCycle(epochs[3], lrs);
await learn.save("stage-2-big");
await learn.load("stage-2-big");
await learn.showResults({ rows: 3, out: join(out, "results.png") });

// What the notebook could not say: which classes, and where.
const { loss, metrics: scores } = await learn.validate();
console.log("at full size:", loss, scores);
const interpretation = await learn.interpret();
console.log(interpretation.perClassTable());
await interpretation.plotConfusionMatrix(join(out, "confusion.png"));
await interpretation.plotTopLosses(join(out, "top-losses.png"), { k: 3 });
await learn.close();
