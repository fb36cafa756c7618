/**
 * @file A program that takes two training steps and prints the memory of its process, before and at its highest. With a
 * number of bytes, the activations keep to it.
 */
import { crossEntropy } from "../../src/losses/cross-entropy.ts";
import { namedParameters } from "../../src/nn/module.ts";
import { initialState } from "../../src/nn/state.ts";
import { unet } from "../../src/models/unet/unet.ts";
import { recomputed } from "../../src/onnx/recompute.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import { LocalEngine } from "../../src/train/engine.ts";
import { trainingProgram } from "../../src/train/programs.ts";
import { Random } from "../../src/util/random.ts";

const [encoder, ...numbers] = process.argv.slice(2) as ["resnet18", ...string[]];
const [n, height, width, bytes = Infinity] = numbers.map(Number) as [number, number, number, number?];
const engine = new LocalEngine(await openRuntime({ backend: "cpu", threads: 1 }));
const model = unet({ encoder, classes: 12 });
const trainable = namedParameters(model).map(([name]) => name);
const { target } = engine;
const whole = trainingProgram(model, crossEntropy(), { n, height, width }, { trainable }, target);
const program = recomputed(whole, bytes, target);
const beforeBytes = process.memoryUsage.rss();
await engine.setState(initialState(model, new Random(1)));
await engine.define("train", program);
const images = new Float32Array(n * 3 * height * width).fill(0.5);
const masks = new Int32Array(n * height * width).fill(1);
const hypers = Object.fromEntries(trainable.map((name) => [name, { lr: 1e-3, wd: 0.01 }]));
for (let i = 0; i < 2; i++) await engine.step("train", { images, masks }, { mom: 0.9, hypers });
console.log(JSON.stringify({ beforeBytes, peakBytes: process.resourceUsage().maxRSS * 1024 }));
await engine.close();
