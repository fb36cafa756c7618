import { matmul, transposeLast } from "../../../src/graph/ops/matmul.ts";
import { uniform } from "../../support/leaf.ts";
import { type Case, type Cases, opCase } from "../case.ts";

type Shape = readonly number[];

const product = (name: string, a: Shape, b: Shape, options = {}, twice = false): Case =>
  opCase(`MatMul, ${name}`, { a: uniform(a), b: uniform(b) }, (t) => matmul(t.a, t.b, options), { twice });

export const matmulCases = {
  MatMul: [
    product("two matrices", [5, 7], [7, 3], {}, true),
    product("a row and a column", [1, 7], [7, 1]),
    product("an outer product", [5, 1], [1, 3]),
    product("a turned", [7, 5], [7, 3], { transposeA: true }, true),
    product("b turned", [5, 7], [3, 7], { transposeB: true }),
    product("both turned", [7, 5], [3, 7], { transposeA: true, transposeB: true }, true),
    product("batches", [3, 5, 7], [3, 7, 2]),
    product("batches, a turned", [3, 7, 5], [3, 7, 2], { transposeA: true }),
    product("batches, both turned", [3, 7, 5], [3, 2, 7], { transposeA: true, transposeB: true }),
    product("batches that broadcast", [2, 1, 3, 5], [4, 5, 2]),
    product("batches that broadcast, b turned", [2, 1, 3, 5], [4, 2, 5], { transposeB: true }),
    product("a matrix for a batch", [5, 7], [3, 7, 2], {}, true),
    product("a matrix for a batch, a turned", [7, 5], [3, 7, 2], { transposeA: true }),
    product("a batch for a matrix, b turned", [3, 5, 7], [2, 7], { transposeB: true }),
    opCase("MatMul, with its own transpose", { x: uniform([3, 5]) }, ({ x }) => matmul(x, transposeLast(x))),
  ],
} satisfies Partial<Cases>;
