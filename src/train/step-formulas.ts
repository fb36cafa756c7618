import type { Loss } from "../losses/loss.ts";
import { layerGroups } from "../models/layer-groups.ts";
import type { SegmentationModel } from "../models/model.ts";
import { type FormulaTimes, measureFormulas, type MeasureFormulasOptions } from "../runtime/measure-formulas.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type BatchShape, trainingGraph } from "./programs.ts";

/**
 * Times every way to compute each convolution of a model's training step, and of its gradients, on this machine. Takes some
 * seconds to a minute, and blocks the thread between two of them.
 * @example
 * const runtime = await openRuntime({ backend: "cpu" });
 * const measured = await measureStep(runtime, unet({ encoder: "resnet18", classes: 12 }), crossEntropy(), { n: 8, height: 96, width: 128 });
 * const engine = await openEngine({ backend: "cpu", formulas: choicesOf(measured) });
 */
export function measureStep(
  runtime: Runtime,
  model: SegmentationModel,
  loss: Loss,
  shape: BatchShape,
  options: MeasureFormulasOptions = {},
): Promise<FormulaTimes[]> {
  const trainable = layerGroups(model)
    .flat()
    .map(({ name }) => name);
  return measureFormulas(trainingGraph(model, loss, shape, { trainable }), runtime, options);
}
