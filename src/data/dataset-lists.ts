import { z } from "zod";
import { CorruptFileError } from "../util/errors.ts";
import type { Item, SegmentationDataset } from "./dataset.ts";
import { parseJson } from "../util/parse-json.ts";

/** A path below the dataset's folder, with forward slashes. */
const path = z.string().refine((text) => !/^[\\/]|^\w:|\0|\\/.test(text) && !text.split("/").includes(".."), {
  error: "leaves the dataset's folder",
});

const schema = z.object({
  format: z.literal(1),
  train: z.array(z.tuple([z.string(), path, path])),
  valid: z.array(z.tuple([z.string(), path, path])),
});

/** The training and the validation list, by paths below the dataset's folder. */
export type DatasetLists = { readonly [Name in "train" | "valid"]: readonly Item[] };

/** The lists of a dataset as text, from which it can be opened without listing its folder anew. */
export function encodeLists({ root, train, valid }: SegmentationDataset): string {
  const below = (file: string): string => file.slice(root.length + 1).replaceAll("\\", "/");
  const rows = (items: readonly Item[]) => items.map(({ id, image, mask }) => [id, below(image), below(mask)]);
  return JSON.stringify({ format: 1, train: rows(train), valid: rows(valid) });
}

/** Reads what `encodeLists` wrote. Throws a CorruptFileError for anything else. */
export function decodeLists(text: string): DatasetLists {
  try {
    const { train, valid } = schema.parse(parseJson(text));
    const items = (rows: typeof train): Item[] => rows.map(([id, image, mask]) => ({ id, image, mask }));
    return { train: items(train), valid: items(valid) };
  } catch (error) {
    throw new CorruptFileError("lists: no lists of pictures", { cause: error });
  }
}
