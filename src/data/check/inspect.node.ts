import type { Inspected, InspectOptions, Inspection } from "./facts.ts";
import { inspectImage } from "./inspect-image.node.ts";
import { inspectMask } from "./inspect-mask.node.ts";

/** Reads a picture and its mask whole: what is wrong with them, and what is needed to compare them with others. */
export async function inspectPair({ image, mask }: Inspected, { masks }: InspectOptions): Promise<Inspection> {
  const { found, header, facts } = await inspectImage(image);
  if (mask === null) return { found, image: facts, mask: null };
  const read = await inspectMask(mask, header && { ...header, name: image.name }, masks);
  return { found: [...found, ...read.found], image: facts, mask: read.facts };
}
