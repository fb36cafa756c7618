import { CorruptFileError } from "../../util/errors.ts";
import type { ModelSpec } from "../model-spec.ts";
import { requireFewConstants } from "./constants.ts";
import { requireStandard, type SafeNode, safeNode } from "./node.ts";
import { refused } from "./refused.ts";
import { safeTensor } from "./tensor.ts";
import { valueName } from "./value-info.ts";
import { bytesField, eachField, type Fields, textField } from "./wire.ts";

/** Nodes at most: large networks have some thousand. */
const mostNodes = 10_000;

/** A graph as far as it is checked. */
interface SafeGraph {
  readonly nodes: SafeNode[];
  /** Elements of the initializers, by name. */
  readonly constants: Map<string, number>;
  readonly inputs: Set<string>;
  readonly outputs: Set<string>;
}

/**
 * Checks that an ONNX file is nothing but a network: all its values are in it and as many as it says, its operators are those
 * of the ONNX standard, nothing runs in loops, and nothing large is made of constants. ONNX Runtime sees it only then.
 * @throws CorruptFileError that names what is wrong.
 */
export function requireSafeModel(bytes: Uint8Array, { input, output }: ModelSpec): void {
  requireProtobuf(bytes);
  const graph: SafeGraph = { nodes: [], constants: new Map(), inputs: new Set(), outputs: new Set() };
  try {
    eachField(bytes, {
      7: bytesField((each) => readGraph(each, graph)),
      8: bytesField((each) =>
        eachField(each, { 1: textField((domain) => requireStandard(domain, "it imports operators")) }),
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
  const open = [...graph.inputs].filter((name) => !graph.constants.has(name));
  if (open.length !== 1 || open[0] !== input.name)
    throw refused(`it takes ${open.slice(0, 5).join(", ") || "nothing"}, but says that it takes ${input.name}`);
  if (!graph.outputs.has(output.name)) throw refused(`it does not give ${output.name}, as it says`);
  requireFewConstants(graph.nodes, graph.constants, bytes.length);
}

/** ONNX Runtime takes files of a format of its own, too, and knows them by four letters. */
function requireProtobuf(bytes: Uint8Array): void {
  if (String.fromCharCode(...bytes.subarray(4, 8)) === "ORTM") throw refused("it is in ONNX Runtime's own format");
}

function readGraph(bytes: Uint8Array, { nodes, constants, inputs, outputs }: SafeGraph): void {
  eachField(bytes, {
    1: bytesField((node) => {
      if (nodes.length >= mostNodes) throw refused(`it has more than ${mostNodes} nodes`);
      nodes.push(safeNode(node));
    }),
    5: bytesField((tensor) => {
      const { name, elements } = safeTensor(tensor);
      constants.set(name, elements);
    }),
    11: bytesField((value) => inputs.add(valueName(value))),
    12: bytesField((value) => outputs.add(valueName(value))),
    13: bytesField((value) => void valueName(value)),
    15: forbidden("sparse tensors"),
  });
}

function forbidden(what: string): Fields[number] {
  return bytesField(() => {
    throw refused(`it holds ${what}`);
  });
}
