import { createHash } from "node:crypto";
import { type Files, pageFiles, runtimeFiles } from "./page-files.node.ts";
import type { SiteInfo, SitePicture } from "./site-info.ts";

/** A picture to try the model on, as a file. */
export interface DemoPicture {
  readonly name: string;
  /** A JPEG. */
  readonly bytes: Uint8Array;
}

/** What a demo shows. */
export interface Demo {
  /** What the model is called. */
  readonly name: string;
  /** An exported file. */
  readonly model: Uint8Array;
  readonly pictures: readonly DemoPicture[];
}

/**
 * A web site that shows a model, as files by path: the page, ONNX Runtime, the model and pictures to try. Nothing in it is
 * bound to an address.
 * @throws ConfigError where the page is not built.
 */
export async function demoSite({ name, model, pictures }: Demo): Promise<Files> {
  const [page, runtime] = await Promise.all([pageFiles(), runtimeFiles()]);
  const listed = pictures.map((picture, i): SitePicture => ({ path: `pictures/${i + 1}.jpg`, name: picture.name }));
  const files = new Map([
    ...page,
    ...runtime,
    ["model.onnx", model],
    ...listed.map(({ path }, i) => [path, pictures[i]!.bytes] as const),
  ]);
  const info: SiteInfo = {
    version: versionOf(files, name),
    name,
    model: { path: "model.onnx", bytes: model.length },
    pictures: listed,
    page: [...page.keys()].filter((path) => path !== "service-worker.js"),
  };
  return files.set("site.json", new TextEncoder().encode(JSON.stringify(info)));
}

function versionOf(files: Files, name: string): string {
  const hash = createHash("sha256").update(name);
  for (const [path, bytes] of files) hash.update(path).update(bytes);
  return hash.digest("hex").slice(0, 16);
}
