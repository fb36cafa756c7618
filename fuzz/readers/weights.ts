import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plainCard } from "../../test/support/card.ts";
import { op, pickle, tensorPieces, torchFile, torchStateDict } from "../../test/support/pickles.ts";
import { encodeCard, modelOf } from "../../src/inference/card.ts";
import { readTensors } from "../../src/inference/pretrained.node.ts";
import { readWeights } from "../../src/inference/weights.node.ts";
import { encodeSafetensors } from "../../src/nn/safetensors.ts";
import type { StateDict } from "../../src/nn/state.ts";
import { CheckpointFiles, type CheckpointManifest } from "../../src/train/checkpoint-files.node.ts";
import { type Checkpoint, encodeCheckpoint } from "../../src/train/checkpoint.ts";
import { ConfusionMatrix } from "../../src/metrics/confusion-matrix.ts";
import { mutated, oneOf, type Token } from "../mutate.ts";
import type { Reader } from "../reader.ts";

const state: StateDict = new Map([
  ["layers.0.weight", { dtype: "F32", shape: [2, 1], data: Float32Array.of(1, 2) }],
  ["bias", { dtype: "F32", shape: [], data: Float32Array.of(3) }],
]);

/** Files of PyTorch: pickles alone are spoilt, and whole archives. */
export const pth: Reader = {
  megabytes: 300,
  async inputs() {
    const file = torchFile(weightsPickle(), new Uint8Array(16));
    const files = [file, torchStateDict(state)];
    const tokens: Token[] = [
      ...Object.values(op).flatMap((each) => (typeof each === "function" ? [] : [Uint8Array.from(each)])),
      ...[op.global("posix", "system"), op.global("collections", "OrderedDict"), op.get(0), op.put(0), op.int(-1)].map(
        (each) => Uint8Array.from(each),
      ),
      ...["PK\x01\x02", "PK\x05\x06", "PK\x06\x06", "w/data.pkl", "../", "w/data/0"],
    ];
    return (random) =>
      random.chance(0.6)
        ? torchFile(mutated(random, weightsPickle(), tokens))
        : mutated(random, oneOf(random, files), tokens);
  },
  read: (input, folder) => readAs("w.pth", input, folder, readTensors),
};

function weightsPickle(): Uint8Array {
  const dict = [op.global("collections", "OrderedDict"), op.emptyTuple, op.reduce, op.put(0)].flat();
  const entry = [...op.text("w"), ...tensorPieces([2, 2], [2, 1]), ...op.setItem];
  return pickle(op.emptyDict, op.text("model"), dict, entry, op.setItem, op.text("epoch"), op.int(3), op.setItem);
}

const jsonTokens: readonly Token[] = [
  ...[
    '"__metadata__":',
    '"F16"',
    '"BF16"',
    '"I64"',
    '"dtype":',
    '"shape":',
    '"data_offsets":',
    "[",
    "]",
    "{",
    "}",
    "null",
  ],
  ...["1e99", "-1", '"__proto__":', '"optimizer:toString:__proto__":', "\\u0000", '"segkit":'],
];

/** A safetensors file whose header was spoilt: its length is mended more often than not. */
function headerSpoilt(random: Parameters<typeof mutated>[0], file: Buffer): Buffer {
  const end = 8 + Number(file.readBigUInt64LE(0));
  const header = mutated(random, file.subarray(8, end), jsonTokens);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, file.subarray(end)]);
}

function safetensors(seeds: () => readonly Buffer[], read: Reader["read"]): Reader {
  return {
    megabytes: 150,
    async inputs() {
      const files = seeds();
      return (random) => {
        const file = oneOf(random, files);
        return random.chance(0.7) ? headerSpoilt(random, file) : mutated(random, file, jsonTokens);
      };
    },
    read,
  };
}

/** Weights of segkit and of others, as safetensors. */
export const weights = safetensors(
  () => [
    Buffer.concat(encodeSafetensors(state, { segkit: encodeCard(plainCard) })),
    Buffer.concat(encodeSafetensors(new Map([["a", { dtype: "I64", shape: [1, 1], data: BigInt64Array.of(7n) }]]))),
    Buffer.from(
      `\x40\0\0\0\0\0\0\0${'{"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}'.padEnd(64)}abcd`,
      "latin1",
    ),
  ],
  async (input, folder) => {
    await readAs("w.safetensors", input, folder, async (file) => void modelOf((await readWeights(file)).card)).catch(
      async (error: unknown) => {
        await readAs("w.safetensors", input, folder, readTensors);
        throw error;
      },
    );
  },
);

function checkpoint(): Checkpoint {
  const confusion = new ConfusionMatrix(2);
  const epoch = {
    epoch: 0,
    trainLoss: 0.5,
    seconds: 1,
    validation: { loss: 0.5, confusion, metrics: { mean_iou: 0.5 } },
  };
  return {
    ...{ phase: 0, data: "fingerprint", seed: 1, earlier: [], weights: state },
    position: {
      ...{ epoch: 1, batch: 2, smoothLoss: { average: 0.5, count: 2 }, history: [epoch], scheduled: 3, pace: 1 },
      ...{ lrFactor: 1, skippedSteps: 0, firstPass: 0, memories: { plateau: { best: 0.5 } }, stopped: false },
    },
    optimizer: { step: 3, slots: { bias: { m: Float32Array.of(1), v: Float32Array.of(2) } } },
  };
}

/** Checkpoints whose manifests are those of the spoilt files. */
export const checkpoints = safetensors(
  () => [Buffer.concat(encodeCheckpoint(checkpoint()))],
  async (input, folder) => {
    const before = Object.keys(Object.prototype).length;
    const thrown: unknown = await readCheckpoint(folder, input, manifestOf(input)).then(
      () => null,
      (error) => error,
    );
    if (Object.keys(Object.prototype).length !== before)
      throw new Error("a name of the file became one of all objects");
    if (thrown !== null) throw thrown;
  },
);

/** Manifests of a sound checkpoint. */
export const manifests: Reader = {
  megabytes: 150,
  async inputs() {
    const manifest = Buffer.from(manifestOf(sound));
    const tokens = [...jsonTokens, "../", "/etc/passwd", "000002.safetensors", '"file":', '"bytes":', "e15"];
    return (random) => mutated(random, manifest, tokens);
  },
  read: (input, folder) => readCheckpoint(folder, sound, input),
};

const sound = Buffer.concat(encodeCheckpoint(checkpoint()));

function manifestOf(bytes: Uint8Array): string {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const manifest: CheckpointManifest = {
    ...{ format: 1, file: "000001.safetensors", bytes: bytes.length, sha256, phase: 0, epoch: 1, batch: 2 },
  };
  return JSON.stringify(manifest);
}

async function readCheckpoint(folder: string, bytes: Uint8Array, manifest: string | Uint8Array): Promise<unknown> {
  const files = new CheckpointFiles(join(folder, "checkpoints"));
  mkdirSync(files.folder);
  writeFileSync(join(files.folder, "000001.safetensors"), bytes);
  writeFileSync(join(files.folder, "000001.json"), manifest);
  await files.newest();
  return files.read();
}

async function readAs(
  name: string,
  input: Uint8Array,
  folder: string,
  read: (file: string) => Promise<unknown>,
): Promise<void> {
  const file = join(folder, name);
  writeFileSync(file, input);
  await read(file);
}
