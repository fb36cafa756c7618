import protobuf from "protobufjs/light.js";

/**
 * The messages of the ONNX format that segkit writes and reads, with the field numbers of the ONNX specification
 * (onnx.proto, IR version 10).
 */
const schema = {
  nested: {
    AttributeProto: {
      fields: {
        name: { type: "string", id: 1 },
        f: { type: "float", id: 2 },
        i: { type: "int64", id: 3 },
        s: { type: "bytes", id: 4 },
        t: { type: "TensorProto", id: 5 },
        g: { type: "GraphProto", id: 6 },
        floats: { rule: "repeated", type: "float", id: 7 },
        ints: { rule: "repeated", type: "int64", id: 8 },
        type: { type: "int32", id: 20 },
      },
    },
    NodeProto: {
      fields: {
        input: { rule: "repeated", type: "string", id: 1 },
        output: { rule: "repeated", type: "string", id: 2 },
        name: { type: "string", id: 3 },
        opType: { type: "string", id: 4 },
        attribute: { rule: "repeated", type: "AttributeProto", id: 5 },
        domain: { type: "string", id: 7 },
      },
    },
    TensorProto: {
      fields: {
        dims: { rule: "repeated", type: "int64", id: 1 },
        dataType: { type: "int32", id: 2 },
        name: { type: "string", id: 8 },
        rawData: { type: "bytes", id: 9 },
        externalData: { rule: "repeated", type: "StringStringEntryProto", id: 13 },
        dataLocation: { type: "int32", id: 14 },
      },
    },
    StringStringEntryProto: { fields: { key: { type: "string", id: 1 }, value: { type: "string", id: 2 } } },
    Dimension: {
      fields: {
        dimValue: { type: "int64", id: 1 },
        dimParam: { type: "string", id: 2 },
        denotation: { type: "string", id: 3 },
      },
    },
    TensorShapeProto: { fields: { dim: { rule: "repeated", type: "Dimension", id: 1 } } },
    TensorTypeProto: { fields: { elemType: { type: "int32", id: 1 }, shape: { type: "TensorShapeProto", id: 2 } } },
    TypeProto: { fields: { tensorType: { type: "TensorTypeProto", id: 1 }, denotation: { type: "string", id: 6 } } },
    ValueInfoProto: { fields: { name: { type: "string", id: 1 }, type: { type: "TypeProto", id: 2 } } },
    GraphProto: {
      fields: {
        node: { rule: "repeated", type: "NodeProto", id: 1 },
        name: { type: "string", id: 2 },
        initializer: { rule: "repeated", type: "TensorProto", id: 5 },
        input: { rule: "repeated", type: "ValueInfoProto", id: 11 },
        output: { rule: "repeated", type: "ValueInfoProto", id: 12 },
      },
    },
    OperatorSetIdProto: { fields: { domain: { type: "string", id: 1 }, version: { type: "int64", id: 2 } } },
    ModelProto: {
      fields: {
        irVersion: { type: "int64", id: 1 },
        producerName: { type: "string", id: 2 },
        producerVersion: { type: "string", id: 3 },
        docString: { type: "string", id: 6 },
        graph: { type: "GraphProto", id: 7 },
        opsetImport: { rule: "repeated", type: "OperatorSetIdProto", id: 8 },
        metadataProps: { rule: "repeated", type: "StringStringEntryProto", id: 14 },
      },
    },
  },
} as const;

const ModelProto = protobuf.Root.fromJSON(schema).lookupType("ModelProto");

export interface AttributeProto {
  name: string;
  type: number;
  f?: number;
  i?: number;
  s?: Uint8Array;
  g?: GraphProto | null;
  floats?: readonly number[];
  ints?: readonly number[];
}

export interface NodeProto {
  name: string;
  opType: string;
  domain?: string;
  input: string[];
  output: string[];
  attribute: AttributeProto[];
}

export interface TensorProto {
  name: string;
  dims: readonly number[];
  dataType: number;
  /** The values, unless they lie in a file of their own. */
  rawData?: Uint8Array;
  /** Where they lie, if `dataLocation` is 1 (external). */
  externalData?: { key: string; value: string }[];
  dataLocation?: number;
}

/** The size of an axis: a number, or the name of one that is known only when the model runs. */
export interface Dimension {
  dimValue: number;
  dimParam?: string;
  /** What the axis is, such as DATA_CHANNEL (TypeDenotation of the ONNX specification). */
  denotation?: string;
}

export interface ValueInfoProto {
  name: string;
  type: { tensorType: { elemType: number; shape: { dim: Dimension[] } }; denotation?: string };
}

export interface GraphProto {
  name: string;
  node: NodeProto[];
  initializer: TensorProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
}

export interface ModelProto {
  irVersion: number;
  producerName: string;
  producerVersion?: string;
  docString?: string;
  metadataProps?: { key: string; value: string }[];
  opsetImport: { domain: string; version: number }[];
  graph: GraphProto;
}

/** The bytes of an ONNX file. */
export function encodeModel(model: ModelProto): Uint8Array {
  return ModelProto.encode(ModelProto.fromObject(model)).finish();
}

/** Bytes that, before those of a model, put nodes and outputs before its own: protobuf appends what repeats to what is there. */
export function encodeBefore(graph: Pick<GraphProto, "node"> & { output: Pick<ValueInfoProto, "name">[] }): Uint8Array {
  return ModelProto.encode(ModelProto.fromObject({ graph })).finish();
}

/** The model in the bytes of an ONNX file that segkit wrote. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  return ModelProto.toObject(ModelProto.decode(bytes), { longs: Number, defaults: true }) as ModelProto;
}

/** The values that a node reads: its operands and, where it has a body, what that takes from outside. */
export function readsOf({ input, attribute }: NodeProto): string[] {
  return [...input, ...attribute.flatMap(({ g }) => (g ? readFromOutside(g) : []))];
}

function readFromOutside({ node, input }: GraphProto): string[] {
  const inside = new Set([...input.map(({ name }) => name), ...node.flatMap(({ output }) => output)]);
  return node.flatMap(readsOf).filter((value) => !inside.has(value));
}

/** A node whose values have other names, those in its body too. */
export function renamed(node: NodeProto, rename: (value: string) => string): NodeProto {
  const attribute = node.attribute.map((each) =>
    each.g ? { ...each, g: { ...each.g, node: each.g.node.map((inner) => renamed(inner, rename)) } } : each,
  );
  return { ...node, attribute, input: node.input.map(rename), output: node.output.map(rename) };
}
