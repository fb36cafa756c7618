import { refused } from "./refused.ts";
import { elementsOf } from "./tensor.ts";
import { bytesField, eachField, numbersField, textField } from "./wire.ts";

/** The name of a ValueInfoProto, checked to be a tensor whose known sizes can be. Throws a CorruptFileError otherwise. */
export function valueName(bytes: Uint8Array): string {
  let name = "";
  const sizes: number[] = [];
  const dimension = (each: Uint8Array): void =>
    eachField(each, {
      1: numbersField((n) => sizes.push(n)),
    });
  const tensor = (type: Uint8Array): void =>
    eachField(type, { 2: bytesField((shape) => eachField(shape, { 1: bytesField(dimension) })) });
  const noTensor = bytesField(() => {
    throw refused(`value ${name} is no tensor`);
  });
  eachField(bytes, {
    1: textField((text) => (name = text)),
    2: bytesField((type) =>
      eachField(type, { 1: bytesField(tensor), 4: noTensor, 5: noTensor, 8: noTensor, 9: noTensor }),
    ),
  });
  elementsOf(sizes, `value ${name}`);
  return name;
}
