// Trains a small U-Net on the built-in street scenes, or on a folder in fastai's layout, and saves its weights:
//
//   npx tsx examples/01-train-unet.ts [FOLDER]
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  accCamvid,
  checkDataset,
  databunch,
  meanIou,
  openFolder,
  saveLearner,
  unetLearner,
  writeStreets,
} from "segkit";

const work = await mkdtemp(join(tmpdir(), "segkit-"));
const folder = process.argv[2] ?? join(work, "streets");
if (process.argv[2] === undefined) await writeStreets(folder, { train: 32, valid: 8, height: 64, width: 96, seed: 1 });

const dataset = await openFolder(folder);
await checkDataset(dataset);
const data = databunch(dataset, { size: [48, 64], batchSize: 4, seed: 1 });
const learn = await unetLearner(data, "resnet18", { metrics: [accCamvid, meanIou], seed: 1 });
await learn.fitOneCycle(Number(process.env.EPOCHS ?? 3), 2e-3);
for (const { epoch, trainLoss, validation } of learn.recorder.epochs)
  console.log(epoch, trainLoss.toFixed(3), validation.loss.toFixed(3), validation.metrics);
await saveLearner(learn, join(work, "unet.safetensors"));
await learn.close();

const [first, last] = [learn.recorder.losses[0]!, learn.recorder.losses.at(-1)!];
if (!(last < first)) throw new Error(`the loss did not fall: ${first} → ${last}`);
