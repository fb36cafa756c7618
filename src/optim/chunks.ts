import { type Shape, sizeOf } from "../graph/shape.ts";
import type { TensorHyper } from "./optimizer.ts";

/** Parameters that are updated as one vector, for their hyper-parameters are the same. */
export interface Chunk {
  readonly parts: readonly ChunkPart[];
  /** Elements of all parts. */
  readonly length: number;
}

/** A parameter, and the elements start … stop of the vector that are its own. */
export interface ChunkPart {
  readonly name: string;
  readonly shape: Shape;
  readonly start: number;
  readonly stop: number;
}

type Shapes = ReadonlyMap<string, { readonly shape: Shape }>;
type Hypers = Readonly<Record<string, TensorHyper>>;

/**
 * Parameters, in order, cut where learning rate or weight decay change or a vector gets longer than `most` elements; a
 * longer parameter is a chunk by itself.
 */
export function chunksOf(parameters: Shapes, hypers: Hypers, most = 2 ** 24): Chunk[] {
  const chunks: { parts: ChunkPart[]; length: number }[] = [];
  for (const [name, { shape }] of parameters) {
    const size = sizeOf(shape);
    let chunk = chunks.at(-1);
    if (!chunk || chunk.length + size > most || !alike(hypers, chunk.parts[0]!.name, name))
      chunks.push((chunk = { parts: [], length: 0 }));
    chunk.parts.push({ name, shape, start: chunk.length, stop: chunk.length + size });
    chunk.length += size;
  }
  return chunks;
}

/** Whether chunks hold exactly these parameters, and those of each still have the same hyper-parameters. */
export function chunksFit(chunks: readonly Chunk[], parameters: Shapes, hypers: Hypers): boolean {
  const held = chunks.flatMap(({ parts }) => parts.map(({ name }) => name));
  const names = [...parameters.keys()];
  return (
    held.length === names.length &&
    held.every((name, i) => name === names[i]) &&
    chunks.every(({ parts }) => parts.every(({ name }) => alike(hypers, parts[0]!.name, name)))
  );
}

function alike(hypers: Hypers, one: string, other: string): boolean {
  const [a, b] = [hypers[one]!, hypers[other]!];
  return a.lr === b.lr && a.wd === b.wd;
}
