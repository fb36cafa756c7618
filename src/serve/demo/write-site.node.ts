import { dirname, join } from "node:path";
import { makeFolder, writeWhole } from "../../util/files.node.ts";
import type { Files } from "./page-files.node.ts";

/** Writes the files of a site into a folder, from which any web server serves it. @throws ResourceError where it cannot. */
export async function writeSite(site: Files, folder: string): Promise<void> {
  await makeFolder(folder);
  for (const [path, bytes] of site) {
    const file = join(folder, path);
    await makeFolder(dirname(file));
    await writeWhole(file, [bytes]);
  }
}
