import { refused } from "./refused.ts";
import { safeTensor, type SafeTensor } from "./tensor.ts";
import { bytesField, eachField, textField } from "./wire.ts";

/** What is kept of a node. */
export interface SafeNode {
  readonly name: string;
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The tensor that is an attribute, as that of a Constant. */
  readonly tensor: SafeTensor | null;
}

/** What an attribute may not be, by the number of its field. */
const kinds: Readonly<Record<number, string>> = {
  6: "a graph of its own",
  10: "tensors",
  11: "graphs of its own",
  14: "a type",
  15: "types",
  21: "a parameter of a function",
  22: "a sparse tensor",
  23: "sparse tensors",
};

/** Refuses all operators but the standard's: others may do anything, and some read files. */
export function requireStandard(domain: string, what: string): void {
  if (domain === "" || domain === "ai.onnx") return;
  throw refused(`${what} of the domain ${domain}; it may use operators of the ONNX standard only`);
}

/**
 * A NodeProto, checked to be an operator of the standard without graphs: nothing in it runs more often than once. Throws a
 * CorruptFileError otherwise.
 */
export function safeNode(bytes: Uint8Array): SafeNode {
  let [name, type, domain] = ["", "", ""];
  const [inputs, outputs]: [string[], string[]] = [[], []];
  const attributes: Uint8Array[] = [];
  eachField(bytes, {
    1: textField((text) => inputs.push(text)),
    2: textField((text) => outputs.push(text)),
    3: textField((text) => (name = text)),
    4: textField((text) => (type = text)),
    5: bytesField((attribute) => attributes.push(attribute)),
    7: textField((text) => (domain = text)),
  });
  const called = name || (outputs[0] ?? "");
  requireStandard(domain, `node ${called} is a ${type}`);
  const tensors = attributes.flatMap((attribute) => tensorsOf(attribute, `node ${called}, a ${type},`));
  if (tensors.length > 1) throw refused(`node ${called}, a ${type}, has ${tensors.length} tensors as attributes`);
  return { name: called, type, inputs, outputs, tensor: tensors[0] ?? null };
}

function tensorsOf(attribute: Uint8Array, what: string): SafeTensor[] {
  const tensors: SafeTensor[] = [];
  const refusing = Object.entries(kinds).map(([field, kind]) => {
    const refuse = (): never => {
      throw refused(`${what} has ${kind} as an attribute`);
    };
    return [field, bytesField(refuse)] as const;
  });
  const fields = Object.fromEntries(refusing);
  eachField(attribute, { ...fields, 5: bytesField((tensor) => tensors.push(safeTensor(tensor))) });
  return tensors;
}
