import { CorruptFileError } from "./errors.ts";

/** What `read` returns or resolves to. A CorruptFileError that it throws will name the file. */
export function namingFile<T>(file: string, read: () => Promise<T>): Promise<T>;
export function namingFile<T>(file: string, read: () => T): T;
export function namingFile<T>(file: string, read: () => T | Promise<T>): T | Promise<T> {
  try {
    const result = read();
    return result instanceof Promise
      ? result.catch((error: unknown) => {
          throw named(file, error);
        })
      : result;
  } catch (error) {
    throw named(file, error);
  }
}

function named(file: string, error: unknown): unknown {
  if (!(error instanceof CorruptFileError)) return error;
  return new CorruptFileError(`${file}: ${error.message.replace(/^[a-z]+: /, "")}`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error,
  });
}
