import { CorruptFileError } from "../../util/errors.ts";
import type { ModelSpec } from "../model-spec.ts";
import { modestSizes } from "./model-sizes.ts";
import { requireStandard, type SafeNode, safeNode } from "./node.ts";
import type { Size } from "./operators.ts";
import { refused } from "./refused.ts";
import { safeTensor } from "./tensor.ts";
import { type SafeValue, safeValue } from "./value-info.ts";
import { bytesField, eachField, type Fields, numbersField, textField } from "./wire.ts";

/** Nodes at most: large networks have some thousand. */
const mostNodes = 10_000;

/** The opsets whose operators mean what is taken for granted here. */
const opsets = { first: 13, last: 23 } as const;

/** A graph as far as it is checked. */
interface SafeGraph {
  readonly nodes: SafeNode[];
  /** The initializers, by name. */
  readonly constants: Map<string, Size>;
  readonly inputs: SafeValue[];
  readonly outputs: SafeValue[];
  /** What is declared of other values. */
  readonly declared: SafeValue[];
}

/** A network that was checked. */
export interface SafeModel {
  /**
   * Throws a CorruptFileError where it would make more of an input of this shape than a network of use does, in memory or in
   * time.
   */
  readonly requireModest: (shape: readonly number[]) => void;
}

/**
 * Checks that an ONNX file is nothing but a network: all its values are in it and as many as it says, its operators are those
 * of the ONNX standard that `segkit export` writes, nothing runs in loops, and no value is too large for pictures of the size
 * that it was made for. ONNX Runtime sees it only then.
 * @throws CorruptFileError that names what is wrong.
 */
export function requireSafeModel(bytes: Uint8Array, spec: ModelSpec): SafeModel {
  const graph = readModel(bytes);
  const { input, output } = spec;
  const open = graph.inputs.map(({ name }) => name).filter((name) => !graph.constants.has(name));
  if (open.length !== 1 || open[0] !== input.name)
    throw refused(`it takes ${open.slice(0, 5).join(", ") || "nothing"}, but says that it takes ${input.name}`);
  if (!graph.outputs.some(({ name }) => name === output.name))
    throw refused(`it does not give ${output.name}, as it says`);
  const sized = { nodes: graph.nodes, constants: graph.constants, input: input.name, bytes: bytes.length };
  const [height, width] = spec.resize.size;
  const shape = input.layout === "NCHW" ? [1, 3, height, width] : [1, height, width, 3];
  const sizes = modestSizes(sized, shape);
  for (const value of [...graph.inputs, ...graph.outputs, ...graph.declared]) requireTrue(value, sizes);
  let last = "";
  return {
    requireModest(asked) {
      if (asked.join() === last) return;
      modestSizes(sized, asked);
      last = asked.join();
    },
  };
}

/** What is declared of a value must be what follows from the nodes: ONNX Runtime computes with it while it loads a file. */
function requireTrue({ name, sizes }: SafeValue, found: ReadonlyMap<string, Size>): void {
  const shape = found.get(name)?.shape;
  if (shape === undefined) throw refused(`it declares the value ${name}, which nothing makes`);
  const isTrue = !sizes || (sizes.length === shape.length && sizes.every((n, i) => n === null || n === shape[i]));
  if (isTrue) return;
  const told = sizes.slice(0, 16).map((n) => n ?? "any");
  throw refused(`value ${name} is said to be [${told.join(", ")}], but is [${shape.join(", ")}]`);
}

function readModel(bytes: Uint8Array): SafeGraph {
  requireProtobuf(bytes);
  const graph: SafeGraph = { nodes: [], constants: new Map(), inputs: [], outputs: [], declared: [] };
  try {
    eachField(bytes, {
      7: bytesField((each) => readGraph(each, graph)),
      8: bytesField((each) =>
        eachField(each, {
          1: textField((domain) => requireStandard(domain, "it imports operators")),
          2: numbersField(requireKnownOpset),
        }),
      ),
      20: forbidden("steps of a training"),
      25: forbidden("functions"),
    });
  } catch (error) {
    if (error instanceof CorruptFileError) throw error;
    throw new CorruptFileError("model: it is not an ONNX file, or it is damaged", {
      hint: "Give a file that segkit export wrote, or export it again.",
      cause: error,
    });
  }
  return graph;
}

function requireKnownOpset(version: number): void {
  const { first, last } = opsets;
  if (version < first || version > last) throw refused(`it is in opset ${version}; known are ${first} to ${last}`);
}

/** ONNX Runtime takes files of a format of its own, too, and knows them by four letters. */
function requireProtobuf(bytes: Uint8Array): void {
  if (String.fromCharCode(...bytes.subarray(4, 8)) === "ORTM") throw refused("it is in ONNX Runtime's own format");
}

function readGraph(bytes: Uint8Array, { nodes, constants, inputs, outputs, declared }: SafeGraph): void {
  eachField(bytes, {
    1: bytesField((node) => {
      if (nodes.length >= mostNodes) throw refused(`it has more than ${mostNodes} nodes`);
      nodes.push(safeNode(node));
    }),
    5: bytesField((bytesOfOne) => {
      const tensor = safeTensor(bytesOfOne);
      if (constants.has(tensor.name)) throw refused(`it has the tensor ${tensor.name} twice`);
      constants.set(tensor.name, tensor);
    }),
    11: bytesField((value) => inputs.push(safeValue(value))),
    12: bytesField((value) => outputs.push(safeValue(value))),
    13: bytesField((value) => declared.push(safeValue(value))),
    15: forbidden("sparse tensors"),
  });
}

function forbidden(what: string): Fields[number] {
  return bytesField(() => {
    throw refused(`it holds ${what}`);
  });
}
