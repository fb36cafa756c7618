import type { TensorProto } from "./schema.ts";

/** Bytes from which a constant is worth a file of its own. */
const least = 1024;

/** TensorProto.DataLocation of the ONNX specification. */
const external = 1;

/** The bytes of large constants, by the names of the files that a model looks for them in. */
export type ConstantFiles = Readonly<Record<string, Uint8Array>>;

/**
 * Constants, the values of large ones in files of their own: inside a model of hundreds of megabytes they would be copied
 * several times before a runtime has them.
 */
export function constantsApart(constants: readonly TensorProto[]): {
  readonly initializer: TensorProto[];
  readonly files: ConstantFiles;
} {
  const files: Record<string, Uint8Array> = {};
  const initializer = constants.map((constant): TensorProto => {
    const { rawData, ...tensor } = constant;
    if (!rawData || rawData.length < least) return constant;
    files[tensor.name] = rawData;
    return { ...tensor, dataLocation: external, externalData: [{ key: "location", value: tensor.name }] };
  });
  return { initializer, files };
}
