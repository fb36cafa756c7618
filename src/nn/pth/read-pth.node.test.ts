import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import fastai1 from "../../../test/golden/pth/fastai1.json" with { type: "json" };
import fastai2 from "../../../test/golden/pth/fastai2.json" with { type: "json" };
import golden from "../../../test/golden/pth/torch.json" with { type: "json" };
import { expectClose } from "../../../test/support/close.ts";
import { tempFolder } from "../../../test/support/dataset.ts";
import { op, pickle, tensorPieces, torchFile, zip } from "../../../test/support/pickles.ts";
import type { StoredTensor } from "../safetensors.ts";
import { readPth } from "./read-pth.node.ts";

const goldenFile = (name: string): string =>
  fileURLToPath(new URL(`../../../test/golden/pth/${name}`, import.meta.url));

const { module_sum: moduleSum, ...listed } = golden;
const infinite = { half: 7, bfloat16: 5 };

async function written(bytes: Uint8Array): Promise<string> {
  const file = join(await tempFolder(), "w.pth");
  await writeFile(file, bytes);
  return file;
}

/** What is said of a file: exit code, message and the first words of the hint. */
async function refusal(bytes: Uint8Array): Promise<string> {
  const file = await written(bytes);
  const error: unknown = await readPth(file).catch((thrown: unknown) => thrown);
  const { exitCode, message, hint } = error as { exitCode: number; message: string; hint?: string };
  return `${exitCode} ${message.replace(file, "w.pth")} | ${hint?.split(/[;,.]/)[0]}`;
}

describe.each(["torch.pth", "torch-legacy.pth"])("%s of torch.save", (name) => {
  test("every element type, every way to lie in a storage", async () => {
    const tensors = await readPth(goldenFile(name));
    expect([...tensors.keys()].toSorted()).toEqual([...Object.keys(listed), ...Object.keys(infinite)].toSorted());
    for (const [key, { shape, values }] of Object.entries(listed)) {
      const tensor = tensors.get(key)!;
      expect(tensor.shape, key).toEqual(shape);
      expect(Array.from<number | bigint>(tensor.data).map(Number), key).toEqual(values);
    }
    expect(Object.fromEntries([...tensors].map(([key, { dtype }]) => [key, dtype]))).toMatchObject({
      ...{ transposed: "F32", half: "F32", bfloat16: "F32", double: "F64", int64: "I64", int32: "I32" },
      ...{ int16: "I32", int8: "I32", uint8: "U8", bool: "U8" },
    });
  });

  test("half precision with its extremes", async () => {
    const tensors = await readPth(goldenFile(name));
    expectClose("half", numbers(tensors.get("half")!).slice(0, 5), [0, -1.5, 65504, 5.96e-8, 1.0004e-3], 1e-6);
    expect(numbers(tensors.get("half")!)[3]).toBe(2 ** -24);
    expect(numbers(tensors.get("half")!).slice(5)).toEqual([Infinity, -Infinity]);
    const [zero, negative, large, small, infinity] = numbers(tensors.get("bfloat16")!);
    expect([zero, negative, infinity]).toEqual([0, -1.5, Infinity]);
    expect(large! / 3e38).toBeCloseTo(1, 2);
    expect(small! / 1e-3).toBeCloseTo(1, 2);
  });
});

test.each([3, 4, 5])("a state dict in pickle protocol %i", async (protocol) => {
  const tensors = await readPth(goldenFile(`torch-protocol-${protocol}.pth`));
  const total = [...tensors.values()].flatMap(numbers).reduce((a, b) => a + b);
  expect([...tensors.keys()][0]).toBe("0.weight");
  expect(Number.isFinite(total)).toBe(true);
  if (protocol === 5) expect(total).toBeCloseTo(moduleSum, 5);
});

test.each([
  ["fastai1.pth", fastai1.fastai1.tensors],
  ["fastai1-odd.pth", fastai1["fastai1-odd"].tensors],
  ["fastai2.pth", fastai2.tensors],
])("%s of learn.save: the model without the optimizer", async (name, expected) => {
  const tensors = await readPth(goldenFile(name));
  const weights = [...tensors].filter(([key]) => !key.endsWith("num_batches_tracked"));
  expect(weights.map(([key, { shape }]) => [key, shape])).toEqual(
    Object.entries(expected).map(([key, { shape }]) => [key, shape]),
  );
  for (const [key, tensor] of weights)
    expect(
      numbers(tensor).reduce((a, b) => a + b, 0),
      key,
    ).toBeCloseTo((expected as Record<string, { sum: number }>)[key]!.sum, 4);
});

const weights = (...more: readonly (readonly number[])[]): Uint8Array =>
  pickle(op.emptyDict, op.text("w"), tensorPieces([2, 2], [2, 1]), op.setItem, ...more);

test("a file made for the tests reads", async () => {
  const storage = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
  const tensors = await readPth(await written(torchFile(weights(), storage)));
  expect(tensors.get("w")).toEqual({ dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
});

test("what a pickle may not ask for", async () => {
  const of = (...pieces: readonly (readonly number[])[]) => refusal(torchFile(weights(...pieces)));
  expect(await of(op.global("posix", "system"), op.text("true"), op.tuple1, op.reduce)).toMatchInlineSnapshot(
    `"7 w.pth: its pickle asks for "posix.system", which is no tensor | segkit reads tensors"`,
  );
  expect(await of(op.text("builtins"), op.text("eval"), op.stackGlobal)).toMatchInlineSnapshot(
    `"7 w.pth: its pickle asks for "builtins.eval", which is no tensor | segkit reads tensors"`,
  );
  expect(await of(op.global("torch", "load"))).toMatchInlineSnapshot(
    `"7 w.pth: its pickle asks for "torch.load", which is no tensor | segkit reads tensors"`,
  );
  expect(await of(op.global("torch", "FloatStorage"), op.emptyTuple, op.reduce)).toMatchInlineSnapshot(
    `"7 w.pth: its pickle calls torch.FloatStorage | segkit reads tensors"`,
  );
  expect(await of(op.text("x"), op.emptyTuple, op.newObj)).toMatchInlineSnapshot(
    `"7 w.pth: its pickle calls a value | segkit reads tensors"`,
  );
  expect(await of(op.text("x"), op.emptyDict, op.build)).toMatchInlineSnapshot(
    `"7 w.pth: its pickle sets attributes of an object | segkit reads tensors"`,
  );
  expect(await of([0x82, 1])).toMatchInlineSnapshot(
    `"7 w.pth: its pickle uses the opcode 0x82 | segkit reads tensors"`,
  );
  expect(await of([0x69, ...Buffer.from("os\nsystem\n")])).toMatchInlineSnapshot(
    `"7 w.pth: its pickle uses the opcode 0x69 | segkit reads tensors"`,
  );
  expect(await of([0x50, ...Buffer.from("0\n")])).toMatchInlineSnapshot(
    `"7 w.pth: its pickle uses the opcode 0x50 | segkit reads tensors"`,
  );
  expect(await of(op.text("module"), op.persistent)).toMatchInlineSnapshot(
    `"7 w.pth: its pickle refers to something outside that is no storage | segkit reads tensors"`,
  );
  expect(await of(op.mark, op.text("module"), op.text("x"), op.tuple, op.persistent)).toMatchInlineSnapshot(
    `"7 w.pth: its pickle refers to something outside that is no storage | segkit reads tensors"`,
  );
  expect(await of(op.proto(9))).toMatchInlineSnapshot(`"7 w.pth: it is a pickle of protocol 9 | segkit reads tensors"`);
  expect(await refusal(await readFile(goldenFile("torch-module.pth")))).toMatchInlineSnapshot(
    `"7 w.pth: its pickle asks for "torch.nn.modules.container.Sequential", which is no tensor | segkit reads tensors"`,
  );
});

test("pickles that are damaged or too large", async () => {
  const of = (...pieces: readonly (readonly number[])[]) => refusal(torchFile(pickle(...pieces)));
  expect(await of(op.pop)).toMatchInlineSnapshot(
    `"7 w.pth: the pickle takes a value that is not there | The file is damaged"`,
  );
  expect(await of(op.tuple)).toMatchInlineSnapshot(
    `"7 w.pth: the pickle ends a container that was not begun | The file is damaged"`,
  );
  expect(await of(op.mark, op.none, op.tuple1)).toMatchInlineSnapshot(
    `"7 w.pth: expected named tensors at its top or in model, state_dict, model_state_dict, model_state, net, ema, but found no names | segkit reads tensors"`,
  );
  expect(await of(op.get(7))).toMatchInlineSnapshot(
    `"7 w.pth: the pickle recalls value 7, which is not there | The file is damaged"`,
  );
  expect(await of(op.text("x"), op.none, op.append)).toMatchInlineSnapshot(
    `"7 w.pth: the pickle appends to what is no list | The file is damaged"`,
  );
  expect(await of([0x58, 255, 255, 255, 255])).toMatchInlineSnapshot(
    `"7 w.pth: it ends too early | The file is damaged"`,
  );
  expect(await of([0x8b, 0, 0, 0, 16])).toMatchInlineSnapshot(
    `"7 w.pth: a whole number is given in 268435456 bytes | The file is damaged"`,
  );
  expect(await of([0x58, 1, 0, 0, 0, 0xff])).toMatchInlineSnapshot(
    `"7 w.pth: a text is not UTF-8 | The file is damaged"`,
  );
  expect(await of(...Array.from({ length: 500 }, () => op.mark))).toMatchInlineSnapshot(
    `"7 w.pth: its pickle nests deeper than 200 | segkit reads tensors"`,
  );
  expect(await of(op.none)).toMatchInlineSnapshot(
    `"7 w.pth: expected named tensors at its top or in model, state_dict, model_state_dict, model_state, net, ema, but found no names | segkit reads tensors"`,
  );
  expect(await of(op.emptyDict, op.text("epoch"), op.int(3), op.setItem)).toMatchInlineSnapshot(
    `"7 w.pth: expected named tensors at its top or in model, state_dict, model_state_dict, model_state, net, ema, but found epoch | segkit reads tensors"`,
  );
  const piled = Uint8Array.from([...op.proto(), ...new Uint8Array(1_000_001).fill(0x4e), ...op.stop]);
  expect(await refusal(torchFile(piled))).toMatchInlineSnapshot(
    `"7 w.pth: its pickle piles up 1000000 values | segkit reads tensors"`,
  );
});

test("tensors that do not fit their storage", async () => {
  const of = (...tensor: Parameters<typeof tensorPieces>) =>
    refusal(torchFile(pickle(op.emptyDict, op.text("w"), tensorPieces(...tensor), op.setItem)));
  expect(await of([2, 3], [3, 1])).toMatchInlineSnapshot(
    `"7 w.pth: a tensor [2, 3] with strides [3, 1] from element 0 does not fit its storage of 4 | The file is damaged"`,
  );
  expect(await of([2, 2], [2, 1], { offset: 1 })).toMatchInlineSnapshot(
    `"7 w.pth: a tensor [2, 2] with strides [2, 1] from element 1 does not fit its storage of 4 | The file is damaged"`,
  );
  expect(await of([2, 2], [-2, 1])).toMatchInlineSnapshot(
    `"7 w.pth: the stride of a tensor is -2 | The file is damaged"`,
  );
  expect(await of([2 ** 31 - 1, 2 ** 31 - 1], [0, 0])).toMatchInlineSnapshot(
    `"7 w.pth: a tensor [2147483647, 2147483647] with strides [0, 0] from element 0 does not fit its storage of 4 | The file is damaged"`,
  );
  expect(await of([2], [2, 1])).toMatchInlineSnapshot(
    `"7 w.pth: a tensor has 1 axes, but strides for 2 | The file is damaged"`,
  );
  expect(await of([2], [1], { elements: 5 })).toMatchInlineSnapshot(
    `"7 w.pth: expected 20 bytes for storage 0, but found 16 | The file is damaged"`,
  );
  expect(await of([2], [1], { storage: "ComplexFloatStorage" })).toMatchInlineSnapshot(
    `"7 w.pth: its pickle asks for "torch.ComplexFloatStorage", which is no tensor | segkit reads tensors"`,
  );
  const many = Array.from({ length: 3000 }, (_, i) => [
    op.text(`w${i}`),
    tensorPieces([256], [1], { elements: 256 }),
    op.setItem,
  ]);
  expect(await refusal(torchFile(pickle(op.emptyDict, ...many.flat()), new Uint8Array(1024)))).toMatchInlineSnapshot(
    `"7 w.pth: its tensors have 3072000 bytes, but the file only 366328 | segkit reads tensors"`,
  );
});

test("pickles that build more than their length lets expect", async () => {
  const of = (...pieces: readonly (readonly number[])[]) => refusal(torchFile(pickle(...pieces)));
  const more = "7 w.pth: its pickle builds more than 2000000 values | segkit reads tensors";
  const values = Array.from({ length: 10_000 }, () => op.none).flat();
  const pairs = [
    op.emptyList,
    op.mark,
    ...Array.from({ length: 2000 }, () => [op.none, op.none, [0x86]].flat()),
    [0x65],
  ];
  const dict = [op.global("collections", "OrderedDict"), op.get(0), op.tuple1, op.reduce, op.pop].flat();
  expect(await of(...Array.from({ length: 300 }, () => [op.mark, values, op.tuple, op.pop].flat()))).toBe(more);
  expect(await of(...pairs, op.put(0), ...Array.from({ length: 1000 }, () => dict))).toBe(more);
  // Lists in lists without end: nothing may walk into them.
  const nested = Array.from({ length: 20_000 }, () => op.tuple1).flat();
  expect(await of(op.emptyDict, op.none, nested, op.none, op.setItem)).toContain("but found no names");
});

test("archives that are damaged or unpack without end", async () => {
  const data = { name: "w/data.pkl", bytes: weights() };
  const storage = { name: "w/data/0", bytes: new Uint8Array(16) };
  expect(await refusal(Buffer.concat([torchFile(weights()).subarray(0, 200)]))).toMatchInlineSnapshot(
    `"7 w.pth: it is no whole zip archive (End of central directory record signature not found. Either not a zip file, or file is truncated.) | The file is damaged"`,
  );
  expect(await refusal(zip([storage]))).toMatchInlineSnapshot(
    `"7 w.pth: expected an archive with one data.pkl, but found 0 | segkit reads tensors"`,
  );
  expect(await refusal(zip([data]))).toMatchInlineSnapshot(
    `"7 w.pth: expected 16 bytes for storage 0, but found none | The file is damaged"`,
  );
  expect(await refusal(zip([data, data, storage]))).toMatchInlineSnapshot(
    `"7 w.pth: the archive has w/data.pkl twice | The file is damaged"`,
  );
  expect(await refusal(zip([data, { ...data, name: "v/data.pkl" }, storage]))).toMatchInlineSnapshot(
    `"7 w.pth: expected an archive with one data.pkl, but found 2 | segkit reads tensors"`,
  );
  expect(await refusal(zip([data, { ...storage, crc: 1 }]))).toMatchInlineSnapshot(
    `"7 w.pth: w/data/0 has another checksum than is stated | The file is damaged"`,
  );
  expect(await refusal(zip([data, { ...storage, name: "../data/0" }]))).toMatchInlineSnapshot(
    `"7 w.pth: its list of entries cannot be read (invalid relative path: ../data/0) | The file is damaged"`,
  );
  const zeros = { name: "w/x", bytes: new Uint8Array(20_000_000), deflate: true };
  expect(await refusal(zip([data, storage, zeros]))).toMatch(/^7 w\.pth: \d+ bytes unpack to 20000148 \| segkit reads/);
  expect(await refusal(zip([data, storage, { ...zeros, name: "w/byteorder", size: 21 }]))).toMatchInlineSnapshot(
    `"7 w.pth: its byte order has 21 bytes | The file is damaged"`,
  );
  expect(await refusal(zip([data, { ...storage, deflate: true, size: 8 }]))).toMatchInlineSnapshot(
    `"7 w.pth: expected 16 bytes for storage 0, but found 8 | The file is damaged"`,
  );
  const big = { name: "w/byteorder", bytes: Buffer.from("big") };
  expect(await refusal(zip([data, storage, big]))).toMatchInlineSnapshot(
    `"7 w.pth: its numbers are in "big" byte order | segkit reads tensors"`,
  );
  const packed = zip([data, { ...storage, deflate: true }]);
  expect((await readPth(await written(packed))).get("w")!.data).toEqual(new Float32Array(4));
});

test("files of the old format that are damaged", async () => {
  const whole = await readFile(goldenFile("torch-legacy.pth"));
  expect(await refusal(whole.subarray(0, -1))).toMatchInlineSnapshot(
    `"7 w.pth: it ends too early | The file is damaged"`,
  );
  expect(await refusal(whole.subarray(0, 40))).toMatchInlineSnapshot(
    `"7 w.pth: it ends too early | The file is damaged"`,
  );
  const other = Buffer.from(whole);
  other[other.indexOf(Buffer.from([0x4d, 0xe9, 3])) + 1] = 0xe8;
  expect(await refusal(other)).toMatchInlineSnapshot(
    `"7 w.pth: it is of another protocol than 1001 | segkit reads tensors"`,
  );
});

test("what is no file of PyTorch's", async () => {
  expect(await refusal(Buffer.from("<html>"))).toMatchInlineSnapshot(
    `"7 w.pth: it is no file that torch.save wrote | Give a "`,
  );
  expect(await refusal(weights())).toMatchInlineSnapshot(
    `"7 w.pth: it is a pickle, but not one that torch.save wrote | segkit reads tensors"`,
  );
  expect(await refusal(new Uint8Array())).toMatchInlineSnapshot(
    `"7 w.pth: it is no file that torch.save wrote | Give a "`,
  );
  await expect(readPth("nowhere.pth")).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: nowhere.pth: cannot be read: ENOENT: no such file or directory, open 'nowhere.pth']`,
  );
});

function numbers(tensor: StoredTensor): number[] {
  return Array.from<number | bigint>(tensor.data).map(Number);
}
