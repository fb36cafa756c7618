// Plain JavaScript: masks for pictures, from the weights of a run.
//
//   node examples/04-predict.mjs runs/train/streets/weights/best.safetensors picture.jpg mask.png
import { decodeImage, openRuntime, Predictor, readWeights, writeMask } from "segkit";

const [weights, picture, out] = process.argv.slice(2);
const { state, card } = await readWeights(weights);
const predictor = new Predictor(await openRuntime(), card, state);
const mask = await predictor.predict(await decodeImage(picture));
await writeMask(out, mask, card.palette);
await predictor.release();

const counts = new Map();
for (const id of mask.data) counts.set(id, (counts.get(id) ?? 0) + 1);
for (const [id, n] of counts) console.log(`${card.classes[id]}: ${((100 * n) / mask.data.length).toFixed(1)} %`);
