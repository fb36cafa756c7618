import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { pngOf } from "../../test/support/png.ts";
import { tinyOnnx } from "../../test/support/onnx.ts";
import type { Bomb } from "./bomb.ts";

/** How the command line is made to read a file: puts around it what belongs there, and gives the words after `segkit`. */
type CommandLine = (path: string, folder: string) => Promise<readonly string[]>;

const picture = (): Buffer => pngOf({ width: 4, height: 4 }, new Uint8Array(20));

/** A dataset of four pictures, of which `images/d.png` and its mask may be there already. */
async function dataset(folder: string): Promise<void> {
  for (const name of ["images", "labels"]) {
    await mkdir(join(folder, name), { recursive: true });
    for (const letter of "abcd") await keeping(join(folder, name, `${letter}.png`), picture());
  }
  await keeping(join(folder, "codes.txt"), "a\nb\n");
}

/** Writes a file where there is none. */
async function keeping(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(path, content, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

const train = (data: string, folder: string, ...more: readonly string[]): string[] => [
  ...["train", "--data", data, "--size", "32x32", "--epochs", "1", "--encoder", "resnet18", "--threads", "1"],
  ...["--out", join(folder, "run"), ...more],
];

/** Puts the file among the pictures or the masks of a dataset that is trained on. */
const inDataset =
  (name: string): CommandLine =>
  async (path, folder) => {
    await mkdir(join(folder, "data", name), { recursive: true });
    await rename(path, join(folder, "data", name, "d.png"));
    await dataset(join(folder, "data"));
    return train(join(folder, "data"), folder);
  };

/** Command lines by what they read; run lengths and data.json are read by programs alone. */
export const commandLines: Partial<Record<Bomb["read"], CommandLine>> = {
  picture: inDataset("images"),
  mask: inDataset("labels"),
  async codes(path, folder) {
    await mkdir(join(folder, "data"));
    await rename(path, join(folder, "data", "codes.txt"));
    await dataset(join(folder, "data"));
    return train(join(folder, "data"), folder);
  },
  "data.yaml": async (path) => ["data", "check", path],
  "args.yaml": async (_, folder) => ["train", "--resume", "--out", folder],
  async "results.csv"(path, folder) {
    await writeFile(join(folder, "args.yaml"), "data: streets\n");
    return ["report", folder];
  },
  async "predict.json"(path, folder) {
    const [model, image] = [join(folder, "model.onnx"), join(folder, "pictures", "a.png")];
    await writeFile(model, tinyOnnx());
    await mkdir(join(folder, "pictures"));
    await writeFile(image, picture());
    return ["predict", model, image, "--out", folder, "--resume"];
  },
  async onnx(path, folder) {
    const [model, image] = [join(folder, "model.onnx"), join(folder, "a.png")];
    await rename(path, model);
    await writeFile(image, picture());
    return ["predict", model, image, "--out", join(folder, "out"), "--threads", "1"];
  },
  async weights(path, folder) {
    const name = (await readFile(path)).subarray(0, 2).toString() === "PK" ? "w.pth" : "w.safetensors";
    await rename(path, join(folder, name));
    await dataset(join(folder, "data"));
    return train(join(folder, "data"), folder, "--pretrained", join(folder, name));
  },
  async checkpoint(path, folder) {
    const [data, place, bytes] = [join(folder, "data"), join(folder, "checkpoints"), await readFile(path)];
    await dataset(data);
    await mkdir(place);
    await rename(path, join(place, "000001.safetensors"));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const manifest = {
      format: 1,
      file: "000001.safetensors",
      bytes: bytes.length,
      sha256,
      phase: 0,
      epoch: 0,
      batch: 1,
    };
    await writeFile(join(place, "000001.json"), JSON.stringify(manifest));
    await writeFile(join(folder, "args.yaml"), `data: ${data}\nsize: 32x32\nepochs: 1\nencoder: resnet18\n`);
    return ["train", "--resume", "--out", folder];
  },
  async archive(path, folder) {
    const bytes = await readFile(path);
    const server = createServer((_, response) => response.end(bytes)).listen(0, "127.0.0.1");
    server.unref();
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    return ["data", "download", `http://127.0.0.1:${port}/x.tgz`, "--dest", join(folder, "target")];
  },
};
