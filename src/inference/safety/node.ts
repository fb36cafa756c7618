import { type SafeAttribute, safeAttribute } from "./attribute.ts";
import { refused } from "./refused.ts";
import { bytesField, eachField, textField } from "./wire.ts";

/** What is kept of a node. */
export interface SafeNode {
  readonly name: string;
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, SafeAttribute>;
}

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
  const encoded: Uint8Array[] = [];
  eachField(bytes, {
    1: textField((text) => inputs.push(text)),
    2: textField((text) => outputs.push(text)),
    3: textField((text) => (name = text)),
    4: textField((text) => (type = text)),
    5: bytesField((attribute) => encoded.push(attribute)),
    7: textField((text) => (domain = text)),
  });
  const called = name || (outputs[0] ?? "");
  requireStandard(domain, `node ${called} is a ${type}`);
  const attributes = new Map<string, SafeAttribute>();
  for (const each of encoded) {
    const [attribute, value] = safeAttribute(each, `node ${called}, a ${type},`);
    if (attributes.has(attribute)) throw refused(`node ${called}, a ${type}, has the attribute ${attribute} twice`);
    attributes.set(attribute, value);
  }
  return { name: called, type, inputs, outputs, attributes };
}
