import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { md5OfHead } from "../../util/file-check.node.ts";
import { writeWhole } from "../../util/files.node.ts";
import { readText } from "../../util/read-bounded.node.ts";
import { parseJson } from "../../util/parse-json.ts";

/** What a dataset folder was unpacked from. */
export interface Origin {
  /** Address or path of the archive. */
  readonly source: string;
  readonly bytes: number;
  readonly md5Head: string;
}

const schema = z.object({ source: z.string(), bytes: z.number(), md5Head: z.string() });
const fileName = ".origin.json";

/** What an archive on this machine is, if it came from `source`. */
export async function originOf(archive: string, source: string): Promise<Origin> {
  return { source, bytes: (await stat(archive)).size, md5Head: await md5OfHead(archive) };
}

/** Whether two archives have the same contents, as far as is known. */
export function sameArchive(a: Omit<Origin, "source">, b: Omit<Origin, "source">): boolean {
  return a.bytes === b.bytes && a.md5Head === b.md5Head;
}

/** The origin that was written into a folder; null where there is none, as in a folder of the user's own. */
export async function readOrigin(folder: string): Promise<Origin | null> {
  try {
    return schema.parse(parseJson(await readText(join(folder, fileName))));
  } catch {
    return null;
  }
}

export async function writeOrigin(folder: string, origin: Origin): Promise<void> {
  await writeWhole(join(folder, fileName), [`${JSON.stringify(origin, null, 2)}\n`]);
}
