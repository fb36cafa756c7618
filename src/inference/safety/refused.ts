import { CorruptFileError } from "../../util/errors.ts";

/** The error for a model that is not run. */
export function refused(reason: string): CorruptFileError {
  return new CorruptFileError(`model: it is not run: ${reason}`, { hint: "Give a file as segkit export wrote it." });
}
