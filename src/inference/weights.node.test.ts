import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { encodeSafetensors } from "../nn/safetensors.ts";
import type { StateDict } from "../nn/state.ts";
import { decodeCard, encodeCard, type ModelCard } from "./card.ts";
import { readWeights, writeWeights } from "./weights.node.ts";

const card: ModelCard = {
  format: 1,
  architecture: {
    ...{ encoder: "resnet18", channels: 3, blur: true, blurFinal: true, selfAttention: false, yRange: [-1, 1] },
    ...{ lastCross: true, bottle: false, normType: "batch" },
  },
  classes: ["sky", "void"],
  voidIndex: 1,
  palette: [
    [0, 0, 0],
    [1, 2, 3],
  ],
  size: [32, 48],
  stats: { mean: [0, 0, 0], std: [1, 1, 1] },
};
const state: StateDict = new Map([["w", { dtype: "F32", shape: [1, 2], data: Float32Array.of(1, 2) }]]);

test("weights and card come back", async () => {
  const file = join(await tempFolder(), "w.safetensors");
  await writeWeights(file, state, card);
  expect(await readWeights(file)).toMatchObject({ state, card });
});

test("a file that is missing, cut off or of something else is refused by name", async () => {
  const folder = await tempFolder();
  const file = join(folder, "w.safetensors");
  const refused = async () => {
    const error: unknown = await readWeights(file).catch((thrown: unknown) => thrown);
    const { exitCode, message, hint } = error as { exitCode: number; message: string; hint?: string };
    return `${exitCode} ${message} | ${hint}`.replaceAll(folder, "…");
  };
  expect(await refused()).toMatchInlineSnapshot(
    `"2 …/w.safetensors: cannot be read: ENOENT: no such file or directory, open '…/w.safetensors' | Give a weights file that segkit train wrote."`,
  );
  await writeWeights(file, state, card);
  await writeFile(file, (await readFile(file)).subarray(0, -4));
  expect(await refused()).toMatchInlineSnapshot(
    `"7 …/w.safetensors: expected 8 bytes of tensors, but the file holds 4 | The file is damaged or not a safetensors file; write or download it again."`,
  );
  await writeFile(file, Buffer.concat(encodeSafetensors(state)));
  expect(await refused()).toMatchInlineSnapshot(
    `"7 …/w.safetensors: holds weights but no description of the model | Give a weights file that segkit train wrote."`,
  );
  await writeFile(file, Buffer.concat(encodeSafetensors(state, { segkit: JSON.stringify({ ...card, size: [0, 1] }) })));
  expect(await refused()).toMatchInlineSnapshot(
    `"7 …/w.safetensors: its description of the model is wrong at size.0: Too small: expected number to be >0 | Give a weights file that segkit train wrote."`,
  );
  const ids = new Map([["w", { dtype: "U8", shape: [1], data: Uint8Array.of(1) } as const]]);
  await writeFile(file, Buffer.concat(encodeSafetensors(ids, { segkit: encodeCard(card) })));
  expect(await refused()).toMatchInlineSnapshot(
    `"7 …/w.safetensors: expected F32 for "w", but received U8 | Give a weights file that segkit train wrote."`,
  );
});

test("a card that is no JSON is refused", () => {
  expect(() => decodeCard("{")).toThrowErrorMatchingInlineSnapshot(
    `[CorruptFileError: card: its description of the model is not JSON]`,
  );
});
