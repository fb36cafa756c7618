import protobuf from "protobufjs/minimal.js";
import { CorruptFileError } from "../util/errors.ts";
import { decodeSpec, type ModelSpec, specKey } from "./model-spec.ts";

/** Field numbers of the ONNX specification: the metadata of a ModelProto, and the parts of one entry. */
const [metadataProps, key, value] = [14, 1, 2];

/**
 * What an exported ONNX file says of itself. Only its metadata is read, not the network. Throws a CorruptFileError for a
 * file that is damaged or was not written by `segkit export`.
 * @example const { names, resize } = readModelSpec(bytes);
 */
export function readModelSpec(bytes: Uint8Array): ModelSpec {
  return decodeSpec(metadataOf(bytes).get(specKey));
}

function metadataOf(bytes: Uint8Array): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  try {
    const reader = protobuf.Reader.create(bytes);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag >>> 3 === metadataProps) {
        const [name, text] = entryOf(reader.bytes());
        entries.set(name, text);
      } else reader.skipType(tag & 7);
    }
  } catch (error) {
    throw new CorruptFileError("model: it is not an ONNX file, or it is damaged", {
      hint: "Give a file that segkit export wrote, or export it again.",
      cause: error,
    });
  }
  return entries;
}

function entryOf(bytes: Uint8Array): readonly [string, string] {
  const reader = protobuf.Reader.create(bytes);
  let [name, text] = ["", ""];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === key) name = reader.string();
    else if (tag >>> 3 === value) text = reader.string();
    else reader.skipType(tag & 7);
  }
  return [name, text];
}
