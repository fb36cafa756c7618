import type { Tensor } from "./tensor.ts";

/** Every tensor that `outputs` need, each after its operands. */
export function topological(outputs: Iterable<Tensor>): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack: { tensor: Tensor; next: number }[] = [];
  for (const output of outputs) {
    stack.push({ tensor: output, next: 0 });
    while (stack.length > 0) {
      const frame = stack.at(-1)!;
      if (frame.next === 0 && seen.has(frame.tensor)) {
        stack.pop();
        continue;
      }
      seen.add(frame.tensor);
      const operands = operandsOf(frame.tensor);
      while (frame.next < operands.length && seen.has(operands[frame.next]!)) frame.next++;
      if (frame.next < operands.length) {
        stack.push({ tensor: operands[frame.next++]!, next: 0 });
      } else {
        order.push(frame.tensor);
        stack.pop();
      }
    }
  }
  return order;
}

/** The operands a tensor is computed from; none for inputs and constants. */
export function operandsOf({ source }: Tensor): Tensor[] {
  return source.kind === "call" ? source.call.inputs.filter((x) => x !== null) : [];
}
