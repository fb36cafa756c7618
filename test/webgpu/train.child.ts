// Prints what a few steps make of a tiny U-Net: on the GPU, or on the CPU if that is the first argument.
import { openEngine } from "../../src/train/engine-thread.node.ts";
import { trainTiny } from "./training.ts";

const [backend, steps] = process.argv.slice(2);
const engine = await openEngine({ backend: backend === "cpu" ? "cpu" : "webgpu" });
process.stdout.write(JSON.stringify(await trainTiny(engine, Number(steps))));
