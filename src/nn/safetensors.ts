import { z } from "zod";
import { ConfigError, CorruptFileError, messageOf, ShapeError } from "../util/errors.ts";
import { decodeUtf8, encodeUtf8 } from "../util/utf8.ts";
import { bfloatToFloat, halfToFloat } from "./half.ts";

const arrays = {
  F64: Float64Array,
  I64: BigInt64Array,
  F32: Float32Array,
  I32: Int32Array,
  U8: Uint8Array,
} as const;

/** Element types that are read only, and become F32. */
const halves = { F16: halfToFloat, BF16: bfloatToFloat } as const;

/** Element types read and written, by their names in the format. */
export type StoredDType = keyof typeof arrays;

/** A tensor in a file: row-major values and their shape. */
export type StoredTensor = {
  [D in StoredDType]: {
    readonly dtype: D;
    readonly shape: readonly number[];
    readonly data: InstanceType<(typeof arrays)[D]>;
  };
}[StoredDType];

/** What a safetensors file holds. */
export interface Safetensors {
  /** Tensors by their names. */
  readonly tensors: Map<string, StoredTensor>;
  /** Texts that the file carries beside them. */
  readonly metadata: Record<string, string>;
}

/** Bytes of a header: those of the largest models have one or two million. */
const maxHeaderLength = 2 ** 24;
/** Containers in containers: three are needed. */
const deepest = 4;
const metadataKey = "__metadata__";

/**
 * The file as consecutive chunks: the header, then each tensor's own memory without a copy. Equal content gives equal
 * bytes, whatever the order of the maps. Throws a ShapeError if a shape does not fit its data.
 * Source: the format's description at huggingface/safetensors.
 * @example const chunks = encodeSafetensors(initialState(module, new Random(1)), { format: "pt" });
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  // Widest elements first, so that every tensor starts at a multiple of its element's width.
  const ordered = [...tensors].toSorted(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || byCodeUnits(a, b),
  );
  let offset = 0;
  const entries = ordered.map(([name, { dtype, shape, data }]): [string, unknown] => {
    if (name === metadataKey) throw new ConfigError(`safetensors: no tensor can be named "${metadataKey}"`);
    if (product(shape) !== data.length)
      throw new ShapeError(
        `safetensors: expected ${product(shape)} values for "${name}" of shape [${shape.join(", ")}], but received ${data.length}`,
      );
    return [name, { dtype, shape, data_offsets: [offset, (offset += data.byteLength)] }];
  });
  if (Object.keys(metadata).length > 0) entries.push([metadataKey, sorted(Object.entries(metadata))]);
  return [headerChunk(JSON.stringify(sorted(entries))), ...ordered.map(([, { data }]) => bytesOf(data))];
}

/**
 * Reads a whole file. The tensors are views of `bytes` where alignment allows, copies elsewhere; F16 and BF16 become F32.
 * Throws a
 * CorruptFileError for whatever the format does not allow: a header too long, not JSON or with a key twice, a dtype
 * segkit does not know, offsets that overlap, leave gaps or leave the file, a shape that does not fit its bytes.
 * @example const { tensors, metadata } = decodeSafetensors(bytes);
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const { header, body } = splitHeader(bytes);
  const { [metadataKey]: metadata = {}, ...entries } = parseHeader(header);
  const infos = Object.entries(entries).map(([name, entry]) => parseEntry(name, entry));
  requireContiguous(infos, body.length);
  return {
    tensors: new Map(infos.map((info) => [info.name, read(info, body)])),
    metadata: parseAs(stringRecord, metadata, `"${metadataKey}"`),
  };
}

function headerChunk(json: string): Uint8Array {
  const text = encodeUtf8(json);
  const length = Math.ceil(text.length / 8) * 8;
  const chunk = new Uint8Array(8 + length).fill(0x20, 8);
  new DataView(chunk.buffer).setBigUint64(0, BigInt(length), true);
  chunk.set(text, 8);
  return chunk;
}

function splitHeader(bytes: Uint8Array): { header: Uint8Array; body: Uint8Array } {
  if (bytes.length < 8) throw corrupt(`expected at least 8 bytes, but the file has ${bytes.length}`);
  const stated = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (stated > maxHeaderLength)
    throw corrupt(`expected a header of at most ${maxHeaderLength} bytes, but its length is given as ${stated}`);
  const end = 8 + Number(stated);
  if (end > bytes.length)
    throw corrupt(`expected a header of ${stated} bytes, but only ${bytes.length - 8} follow its length`);
  return { header: bytes.subarray(8, end), body: bytes.subarray(end) };
}

function parseHeader(header: Uint8Array): Record<string, unknown> {
  if (header[0] !== 0x7b) throw corrupt(`expected a header that begins with "{"`);
  let json: string;
  let value: unknown;
  try {
    json = decodeUtf8(header);
    requireShallow(json);
    value = JSON.parse(json);
  } catch (error) {
    if (error instanceof CorruptFileError) throw error;
    throw corrupt(`the header is not JSON (${messageOf(error)})`);
  }
  requireDistinctKeys(json);
  return value as Record<string, unknown>;
}

/** Each container takes ten times the memory of its bracket. */
function requireShallow(json: string): void {
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const char = json[i]!;
    if (char === '"') for (i++; i < json.length && json[i] !== '"'; i++) if (json[i] === "\\") i++;
    if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") depth--;
    if (depth > deepest) throw corrupt(`the header nests deeper than ${deepest} levels`);
  }
}

/** JSON.parse keeps the last of two equal keys without a word. `json` is known to be valid. */
function requireDistinctKeys(json: string): void {
  const objects: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    if (json[i] === "{") objects.push(new Set());
    else if (json[i] === "}") objects.pop();
    else if (json[i] === '"') {
      const start = i;
      for (i++; json[i] !== '"'; i++) if (json[i] === "\\") i++;
      let next = i + 1;
      while (" \t\r\n".includes(json[next] ?? "}")) next++;
      if (json[next] !== ":") continue;
      const key = JSON.parse(json.slice(start, i + 1)) as string;
      const keys = objects.at(-1)!;
      if (keys.has(key)) throw corrupt(`the header has the key "${key}" twice`);
      keys.add(key);
    }
  }
}

interface TensorInfo {
  readonly name: string;
  readonly dtype: StoredDType | keyof typeof halves;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const natural = z.int().nonnegative();
const tensorEntry = z.object({ dtype: z.string(), shape: z.array(natural), data_offsets: z.tuple([natural, natural]) });
const stringRecord = z.record(z.string(), z.string());

function parseEntry(name: string, entry: unknown): TensorInfo {
  const {
    dtype,
    shape,
    data_offsets: [begin, end],
  } = parseAs(tensorEntry, entry, `tensor "${name}"`);
  if (!isStoredDType(dtype) && !isHalf(dtype))
    throw corrupt(
      `tensor "${name}" has the dtype ${dtype}; segkit reads ${Object.keys({ ...arrays, ...halves }).join(", ")}`,
      "Convert the tensor to F32 and save the file again.",
    );
  const expected = product(shape) * (isHalf(dtype) ? Uint16Array : arrays[dtype]).BYTES_PER_ELEMENT;
  if (end - begin !== expected)
    throw corrupt(
      `expected ${expected} bytes for tensor "${name}" (${dtype} [${shape.join(", ")}]), but its offsets ${begin} to ${end} give ${end - begin}`,
    );
  return { name, dtype, shape, begin, end };
}

function requireContiguous(infos: readonly TensorInfo[], length: number): void {
  let offset = 0;
  for (const { name, begin, end } of infos.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== offset)
      throw corrupt(
        `tensor "${name}" begins at byte ${begin}, ${begin < offset ? "inside another tensor" : "after a gap"}; expected ${offset}`,
      );
    offset = end;
  }
  if (offset !== length) throw corrupt(`expected ${offset} bytes of tensors, but the file holds ${length}`);
}

function read({ dtype, shape, begin, end }: TensorInfo, body: Uint8Array): StoredTensor {
  if (isHalf(dtype)) {
    const bits = new Uint16Array(new Uint8Array(body.subarray(begin, end)).buffer);
    return { dtype: "F32", shape, data: halves[dtype](bits) };
  }
  const array: new (buffer: ArrayBufferLike, offset: number, length: number) => StoredTensor["data"] = arrays[dtype];
  const width = arrays[dtype].BYTES_PER_ELEMENT;
  const view = body.subarray(begin, end);
  const { buffer, byteOffset } = view.byteOffset % width === 0 ? view : new Uint8Array(view);
  return { dtype, shape, data: new array(buffer, byteOffset, (end - begin) / width) } as StoredTensor;
}

function parseAs<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw corrupt(`${what} is malformed in the header: ${[...path, message].join(": ")}`);
}

function isStoredDType(dtype: string): dtype is StoredDType {
  return Object.hasOwn(arrays, dtype);
}

function isHalf(dtype: string): dtype is keyof typeof halves {
  return Object.hasOwn(halves, dtype);
}

function bytesOf(data: StoredTensor["data"]): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function sorted<T>(entries: readonly [string, T][]): Record<string, T> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => byCodeUnits(a, b)));
}

/** The order of code units, the same in every locale. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function product(shape: readonly number[]): number {
  return shape.reduce((all, n) => all * n, 1);
}

function corrupt(
  message: string,
  hint = "The file is damaged or not a safetensors file; write or download it again.",
): CorruptFileError {
  return new CorruptFileError(`safetensors: ${message}`, { hint });
}
