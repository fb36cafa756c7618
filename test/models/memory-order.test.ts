import { expect, test } from "vitest";
import { crossEntropy } from "../../src/losses/cross-entropy.ts";
import { layerGroups } from "../../src/models/layer-groups.ts";
import { unet } from "../../src/models/unet/unet.ts";
import { activationBytes } from "../../src/onnx/peak-memory.ts";
import { cpuTarget, without } from "../../src/onnx/target.ts";
import { trainingProgram } from "../../src/train/programs.ts";

test("a training step of the U-Net needs less memory in memory order than as it was built", () => {
  const model = unet({ encoder: "resnet18", classes: 12 });
  const trainable = layerGroups(model)
    .flat()
    .map(({ name }) => name);
  const bytes = (memoryOrder: boolean): number =>
    activationBytes(
      trainingProgram(
        model,
        crossEntropy(),
        { n: 4, height: 128, width: 128 },
        { trainable },
        memoryOrder ? cpuTarget : without(cpuTarget, ["memoryOrder"]),
      ),
      cpuTarget,
    );
  expect(bytes(true)).toBeLessThan(0.9 * bytes(false));
});
