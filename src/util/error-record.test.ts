import { expect, test } from "vitest";
import { ConfigError, CorruptFileError, DataError } from "./errors.ts";
import { packError, unpackError } from "./error-record.ts";

const across = (error: unknown) => unpackError(structuredClone(packError(error)));

test("class, message, hint, exit code, cause and stack survive", () => {
  const error = new CorruptFileError("a.png is damaged", { hint: "Copy it again.", cause: new Error("CRC") });
  const back = across(error);
  expect(back).toBeInstanceOf(CorruptFileError);
  expect(back).toMatchObject({ name: "CorruptFileError", message: error.message, hint: error.hint, exitCode: 7 });
  expect(back).toMatchObject({ stack: error.stack, cause: { message: "CRC" } });
  expect(across(new DataError("x"))).toBeInstanceOf(DataError);
  expect(across(new DataError("x"))).toMatchObject({ hint: undefined, exitCode: 3 });
  expect("cause" in across(new DataError("x"))).toBe(false);
  expect(across(new ConfigError("x"))).toMatchObject({ exitCode: 2 });
});

test("anything else becomes an error with its text", () => {
  expect(across(new TypeError("no"))).toMatchObject({ message: "no", exitCode: 1 });
  expect(across("just text")).toMatchObject({ message: "just text" });
});
