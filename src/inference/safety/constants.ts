import type { SafeNode } from "./node.ts";
import { refused } from "./refused.ts";

/** Operators that give as many elements as they take, or fewer, and may be asked of constants. */
const shapers = new Set([
  ...["Cast", "DequantizeLinear", "Flatten", "Identity", "QuantizeLinear", "Reshape", "Slice", "Squeeze"],
  ...["Transpose", "Unsqueeze"],
]);

/** Elements that are made of constants when a file is loaded: as many for each byte of it, beside some that harm nobody. */
const perByte = 4;
const always = 2 ** 22;

/**
 * Refuses nodes that would make much of little as soon as a file is loaded, such as an Expand of one number to a terabyte: those
 * whose operands are all constants. segkit export computes them itself. Throws a CorruptFileError.
 * @param constants elements of the constants, by name; what is made of them is added.
 */
export function requireFewConstants(nodes: readonly SafeNode[], constants: Map<string, number>, bytes: number): void {
  const most = always + perByte * bytes;
  let made = 0;
  for (const { name, type, inputs, outputs, tensor } of nodes) {
    if (!inputs.every((input) => input === "" || constants.has(input))) continue;
    const elements = type === "Constant" ? (tensor?.elements ?? 1) : constants.get(inputs[0] ?? "");
    if (type !== "Constant" && (elements === undefined || !shapers.has(type)))
      throw refused(`node ${name} is a ${type} of constants alone`);
    made += elements!;
    if (made > most) throw refused(`its constants become more than ${most} numbers`);
    for (const output of outputs) constants.set(output, elements!);
  }
}
