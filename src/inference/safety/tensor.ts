import { bytesField, eachField, fixedField, numbersField, textField } from "./wire.ts";
import { refused } from "./refused.ts";

/** What is kept of a tensor. */
export interface SafeTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The numbers of a short one of int64, such as a shape. */
  readonly numbers?: readonly number[];
}

/** The number of the data type int64. */
const int64 = 7;
/** Numbers at most that are a shape, or positions along its axes. */
const short = 16;

/** Bits of an element, by the numbers of ONNX's data types; texts and complex numbers are none of them. */
const bits: Readonly<Record<number, number>> = {
  ...{ 1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 16: 16 },
  ...{ 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4 },
};

/** Elements of a tensor or value at most, as ONNX Runtime's own indices go. */
const mostElements = 2 ** 31 - 1;

/**
 * A TensorProto, checked to hold its own values, as many as its shape says. Throws a CorruptFileError otherwise.
 */
export function safeTensor(bytes: Uint8Array): SafeTensor {
  let [name, type, raw] = ["", 0, -1];
  let typed = 0;
  let bytesOfNumbers: Uint8Array = new Uint8Array();
  const numbers: number[] = [];
  const dims: number[] = [];
  const count = (n: number): void => void (typed += n);
  const one = (): void => count(1);
  eachField(bytes, {
    1: numbersField((n) => dims.push(n)),
    2: numbersField((n) => (type = n)),
    3: bytesField(() => fail(name, "is in parts")),
    4: fixedField(4, count),
    5: numbersField(one),
    6: bytesField(() => fail(name, "holds texts")),
    7: numbersField((n) => {
      one();
      if (typed <= short) numbers.push(n);
    }),
    8: textField((text) => (name = text)),
    9: bytesField((data) => {
      raw = data.length;
      if (raw <= 8 * short) bytesOfNumbers = data;
    }),
    10: fixedField(8, count),
    11: numbersField(one),
    13: bytesField(() => fail(name, "has its values in another file")),
    14: numbersField((place) => place !== 0 && fail(name, "has its values in another file")),
  });
  const width = bits[type];
  if (width === undefined) throw refused(`tensor ${name} has the data type ${type}, which is no number`);
  const elements = elementsOf(dims, `tensor ${name}`);
  const [expected, found] = raw >= 0 ? [Math.ceil((elements * width) / 8), raw] : [elements, typed];
  // Numbers of less than 8 bits may be stored in pairs there.
  const isPaired = raw < 0 && width < 8 && found === Math.ceil(elements / 2);
  if ((raw >= 0 && typed > 0) || (expected !== found && !isPaired))
    throw refused(`tensor ${name} [${dims.join(", ")}] should hold ${expected}, but holds ${found}`);
  const shape = { name, shape: dims };
  if (type !== int64 || elements > short) return shape;
  return { ...shape, numbers: raw >= 0 ? int64s(bytesOfNumbers) : numbers };
}

function int64s(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, i) => Number(view.getBigInt64(8 * i, true)));
}

/** The product of the sizes of axes. Throws a CorruptFileError where there is none, or one too large. */
function elementsOf(dims: readonly number[], what: string): number {
  const elements = dims.reduce((all, n) => all * n, 1);
  const fits = dims.every((n) => Number.isSafeInteger(n) && n >= 0 && n <= mostElements) && elements <= mostElements;
  if (!fits) throw refused(`${what} has the shape [${dims.slice(0, 16).join(", ")}]`);
  return elements;
}

function fail(name: string, what: string): never {
  throw refused(`tensor ${name} ${what}`);
}
