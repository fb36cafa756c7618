import { GradientError } from "../util/errors.ts";
import { add } from "./ops/elementwise.ts";
import { reshape } from "./ops/movement.ts";
import { sum } from "./ops/reduce.ts";
import { operandsOf, topological } from "./order.ts";
import { sameShape, type Shape, showShape } from "./shape.ts";
import { full, type Tensor } from "./tensor.ts";

/**
 * The gradients of a float32 scalar `loss` by each tensor of `wrt`, as ordinary graph nodes (reverse mode).
 * A tensor that the loss does not depend on gets zeros. Throws a GradientError where an operator on the way has no
 * gradient.
 * @example const [dw] = gradients(mean(square(matmul(x, w))), [w]); // of the shape of w
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (loss.size !== 1 || loss.dtype !== "float32")
    throw new GradientError(`gradients: expected a float32 scalar loss, but received ${loss}`);
  const order = topological([loss]);
  const relevant = dependents(order, new Set(wrt));
  const grads = new Map<Tensor, Tensor>([[loss, full(loss.shape, 1)]]);
  for (const output of order.toReversed()) {
    const dy = grads.get(output);
    if (!dy || output.source.kind !== "call" || !relevant.has(output)) continue;
    const { op, inputs, attrs } = output.source.call;
    if (!op.grad) throw new GradientError(`gradients: ${op.type} is not differentiable`);
    for (const [i, dx] of op.grad(dy, { inputs, attrs, output }).entries()) {
      const x = inputs[i];
      if (!x || !dx || !relevant.has(x)) continue;
      const known = grads.get(x);
      const term = unbroadcast(dx, x.shape);
      grads.set(x, known ? add(known, term) : term);
    }
  }
  return wrt.map((x) => grads.get(x) ?? full(x.shape, 0));
}

/** The tensors of `order` through which a gradient to `wrt` flows. */
function dependents(order: readonly Tensor[], wrt: ReadonlySet<Tensor>): Set<Tensor> {
  const relevant = new Set<Tensor>();
  for (const tensor of order)
    if (wrt.has(tensor) || operandsOf(tensor).some((x) => relevant.has(x))) relevant.add(tensor);
  return relevant;
}

/** Sums a gradient over the axes along which its operand was broadcast. */
function unbroadcast(dx: Tensor, shape: Shape): Tensor {
  if (sameShape(dx.shape, shape)) return dx;
  const offset = dx.rank - shape.length;
  if (offset < 0) throw new GradientError(`internal: gradient ${showShape(dx.shape)} for operand ${showShape(shape)}`);
  const axes = dx.shape.flatMap((n, i) => (i < offset || (shape[i - offset] === 1 && n !== 1) ? [i] : []));
  return reshape(sum(dx, axes), shape);
}
