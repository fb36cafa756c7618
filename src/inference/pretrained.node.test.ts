import { createHash } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { op, pickle, tensorPieces, torchFile } from "../../test/support/pickles.ts";
import { TinyEncoder } from "../../test/support/tiny-encoder.ts";
import { unet } from "../models/unet/unet.ts";
import { encodeSafetensors } from "../nn/safetensors.ts";
import { initialState } from "../nn/state.ts";
import { Random } from "../util/random.ts";
import { fetchWeights, loadPretrained, pretrainedFile, readTensors } from "./pretrained.node.ts";

const weights = torchFile(
  pickle(op.emptyDict, op.text("w"), tensorPieces([2, 2], [2, 1]), op.setItem),
  new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer),
);
const sha256 = createHash("sha256").update(weights).digest("hex").slice(0, 8);

let server: Server | undefined;
afterEach(() => void server?.close());

/** A server of one file; returns its address and the paths asked for. */
async function serve(bytes: Uint8Array): Promise<{ address: string; asked: string[] }> {
  const asked: string[] = [];
  server = createServer((request, response) => {
    asked.push(request.url!);
    response.writeHead(200, { "content-length": bytes.length, "accept-ranges": "none" }).end(bytes);
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test("published weights are downloaded once, checked by the digits in their name", async () => {
  const { address, asked } = await serve(weights);
  const source = { url: `https://weights.invalid/models/net-${sha256}.pth`, sha256 };
  const options = { folder: await tempFolder(), mirror: `${address}/mirror/` };
  const file = await fetchWeights(source, options);
  expect(file).toBe(join(options.folder, `net-${sha256}.pth`));
  expect((await readTensors(file)).get("w")!.data).toEqual(Float32Array.of(1, 2, 3, 4));
  await fetchWeights(source, options);
  expect(asked).toEqual([`/mirror/net-${sha256}.pth`]);
});

test("a wrong file is refused and not kept", async () => {
  const { address, asked } = await serve(weights);
  const folder = await tempFolder();
  await expect(pretrainedFile("resnet18", { folder, mirror: address })).rejects.toMatchObject({
    exitCode: 7,
    message: expect.stringContaining(`expected SHA-256 f37072fd, but found ${sha256}`),
  });
  expect(asked).toContain("/resnet18-f37072fd.pth");
  expect(await readdir(folder)).not.toContain("resnet18-f37072fd.pth");
});

test("without a network the remedy names the file to download", async () => {
  const { address } = await serve(weights);
  server!.close();
  const folder = await tempFolder();
  const failed = pretrainedFile("efficientnetLite0", { folder, mirror: address, retries: 0 });
  await expect(failed).rejects.toMatchObject({
    exitCode: 4,
    hint: `Download ${address}/tf_efficientnet_lite0-0aa007d2.pth by other means and give the file's path instead of true.`,
  });
});

const model = unet({ encoder: new TinyEncoder(), classes: 2 });

test("a file is known by its contents, whatever its name", async () => {
  const state = initialState(model, new Random(1));
  const file = join(await tempFolder(), "weights.bin");
  await writeFile(file, Buffer.concat(encodeSafetensors(state)));
  const loaded = await loadPretrained(model, file);
  expect(loaded.state).toEqual(state);
  expect(loaded.report).toMatchObject({ part: "model", loaded: state.size, missing: [], unexpected: [] });
});

test("what cannot be loaded", async () => {
  const file = join(await tempFolder(), "weights.pth");
  await writeFile(file, weights);
  await expect(loadPretrained(model, file)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: weights: none of the file's 1 tensors fits the model: expected names like layers.0.0.weight, but found w]`,
  );
  await expect(loadPretrained(model, true)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: weights: there are no published weights of an encoder of your own]`,
  );
  await expect(loadPretrained(model, "nowhere.pth")).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: nowhere.pth: cannot be read: ENOENT: no such file or directory, open 'nowhere.pth']`,
  );
  await writeFile(file, "not weights");
  await expect(loadPretrained(model, file)).rejects.toMatchObject({
    exitCode: 7,
    message: expect.stringContaining(`${file}: `),
  });
});
