import { refused } from "./refused.ts";
import { bytesField, eachField, numbersField, textField } from "./wire.ts";

/** What a graph declares of a value. */
export interface SafeValue {
  readonly name: string;
  /** The sizes of its axes, null where they are open; undefined where nothing is said of them. */
  readonly sizes: readonly (number | null)[] | undefined;
}

/** A ValueInfoProto, checked to be a tensor. Throws a CorruptFileError otherwise. */
export function safeValue(bytes: Uint8Array): SafeValue {
  let name = "";
  let sizes: (number | null)[] | undefined;
  const dimension = (each: Uint8Array): void => {
    let size: number | null = null;
    eachField(each, { 1: numbersField((n) => (size = n)) });
    sizes!.push(size);
  };
  const shape = (each: Uint8Array): void => {
    sizes ??= [];
    eachField(each, { 1: bytesField(dimension) });
  };
  const noTensor = bytesField(() => {
    throw refused(`value ${name} is no tensor`);
  });
  eachField(bytes, {
    1: textField((text) => (name = text)),
    2: bytesField((type) =>
      eachField(type, {
        1: bytesField((tensor) => eachField(tensor, { 2: bytesField(shape) })),
        ...{ 4: noTensor, 5: noTensor, 8: noTensor, 9: noTensor },
      }),
    ),
  });
  return { name, sizes };
}
