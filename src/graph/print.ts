import { showAttribute } from "./op.ts";
import { topological } from "./order.ts";
import type { Tensor } from "./tensor.ts";

/**
 * A graph as text, a line a node, for tests and debugging:
 *
 *     %2 = Mul(%0, %1) : float32[2, 3]
 *     return loss = %2
 * @example const text = print({ loss: mean(x) });
 */
export function print(outputs: Readonly<Record<string, Tensor>>): string {
  const names = new Map<Tensor, string>();
  const lines = topological(Object.values(outputs)).map((tensor, i) => {
    names.set(tensor, `%${i}`);
    return `%${i} = ${describe(tensor, names)} : ${tensor}`;
  });
  const results = Object.entries(outputs).map(([name, tensor]) => `${name} = ${names.get(tensor)}`);
  return [...lines, `return ${results.join(", ")}`].join("\n");
}

function describe({ source }: Tensor, names: ReadonlyMap<Tensor, string>): string {
  switch (source.kind) {
    case "input":
      return `input ${source.name}`;
    case "constant":
      return source.data.length <= 4 ? `constant ${[...source.data].join(" ")}` : `constant …${source.data.length}`;
    case "call": {
      const operands = source.call.inputs.map((x) => (x ? names.get(x) : "–"));
      const attrs = Object.entries(source.call.attrs ?? {}).map(([key, value]) => `${key}=${showAttribute(value)}`);
      return `${source.call.op.type}(${[...operands, ...attrs].join(", ")})`;
    }
  }
}
