import { refused } from "./refused.ts";
import { safeTensor, type SafeTensor } from "./tensor.ts";
import { bytesField, eachField, type Fields, numbersField, textField } from "./wire.ts";

/** What is kept of an attribute: a whole number, several, a text, a tensor; null for other numbers. */
export type SafeAttribute = number | readonly number[] | string | SafeTensor | null;

/** Whole numbers of an attribute at most: two for each side of each axis. */
const mostNumbers = 64;

/** What an attribute may not be, by the number of its field. */
const kinds: Readonly<Record<number, string>> = {
  6: "a graph of its own",
  9: "texts",
  10: "tensors",
  11: "graphs of its own",
  14: "a type",
  15: "types",
  21: "a parameter of a function",
  22: "a sparse tensor",
  23: "sparse tensors",
};

/** The kinds that may be, by AttributeProto.AttributeType: float, int, string, tensor, floats and ints. */
const types = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;

/** The name and the value of an AttributeProto. Throws a CorruptFileError for graphs and what else no network needs. */
export function safeAttribute(bytes: Uint8Array, what: string): readonly [name: string, value: SafeAttribute] {
  let [name, type, whole, text] = ["", 0, 0, ""];
  const numbers: number[] = [];
  const tensors: SafeTensor[] = [];
  eachField(bytes, {
    ...forbidden(what),
    1: textField((value) => (name = value)),
    3: numbersField((value) => (whole = value)),
    4: textField((value) => (text = value)),
    5: bytesField((value) => tensors.push(safeTensor(value))),
    8: numbersField((value) => {
      if (numbers.push(value) > mostNumbers)
        throw refused(`${what} has more than ${mostNumbers} numbers as an attribute`);
    }),
    20: numbersField((value) => (type = value)),
  });
  if (tensors.length > 1) throw refused(`${what} has ${tensors.length} tensors as attributes`);
  // As ONNX Runtime does it, a value goes by the type that is stated, not by what else there is.
  const values: Readonly<Record<number, SafeAttribute>> = {
    ...{
      [types.float]: null,
      [types.floats]: null,
      [types.int]: whole,
      [types.ints]: numbers,
      [types.string]: text,
      [types.tensor]: tensors[0] ?? null,
    },
  };
  const value = values[type];
  if (value === undefined) throw refused(`${what} has the attribute ${name} of the unknown type ${type}`);
  return [name, value];
}

function forbidden(what: string): Fields {
  const refusing = Object.entries(kinds).map(([field, kind]) => {
    const refuse = (): never => {
      throw refused(`${what} has ${kind} as an attribute`);
    };
    return [field, bytesField(refuse)] as const;
  });
  return Object.fromEntries(refusing);
}
