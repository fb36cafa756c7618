import { z } from "zod";
import type { IdMask } from "../../data/image.ts";
import { CorruptFileError } from "../../util/errors.ts";
import type { ClassNames, Prediction } from "./format.ts";
import { parseJson } from "../../util/parse-json.ts";

const annotation = z.object({
  category_id: z.int(),
  segmentation: z.unknown(),
  area: z.int(),
  bbox: z.array(z.int()).length(4),
  iscrowd: z.literal(0),
});

const part = z.object({
  image: z.object({ file_name: z.string(), height: z.int(), width: z.int() }),
  annotations: z.array(annotation),
});

/**
 * What COCO's format says of a picture: one annotation for every class in it, for a semantic mask tells no objects apart.
 * Ids of pictures and annotations are left to the document.
 * @param segmentation how the pixels of a class are written.
 */
export function cocoPart({ picture, mask }: Prediction, segmentation: (id: number) => unknown): string {
  const { height, width } = mask;
  const annotations = extents(mask).map(({ id, area, left, top, right, bottom }): z.infer<typeof annotation> => {
    const bbox = [left, top, right + 1 - left, bottom + 1 - top];
    return { category_id: id, segmentation: segmentation(id), area, bbox, iscrowd: 0 };
  });
  return JSON.stringify({ image: { file_name: picture, height, width }, annotations } satisfies z.infer<typeof part>);
}

/** COCO's annotation file, from what `cocoPart` gave for every picture. Ids count from 1; a category's is its class id. */
export async function* cocoDocument(
  parts: () => AsyncIterable<string>,
  { classes }: ClassNames,
): AsyncGenerator<string, void, void> {
  const categories = classes.map((name, id) => ({ id, name }));
  yield `{"info":{"description":"predicted by segkit"},"licenses":[],"categories":${JSON.stringify(categories)},"images":[`;
  let [images, annotations] = [0, 0];
  for await (const { image } of read(parts())) yield entry(++images, image);
  yield `],"annotations":[`;
  images = 0;
  for await (const { annotations: each } of read(parts())) {
    images++;
    for (const one of each) yield entry(++annotations, { image_id: images, ...one });
  }
  yield `]}\n`;
}

function entry(id: number, fields: object): string {
  return `${id > 1 ? "," : ""}\n${JSON.stringify({ id, ...fields })}`;
}

async function* read(texts: AsyncIterable<string>): AsyncGenerator<z.infer<typeof part>, void, void> {
  for await (const text of texts) {
    const parsed = part.safeParse(parse(text));
    if (!parsed.success)
      throw new CorruptFileError("predict: what was kept of a finished picture is damaged", {
        hint: "Predict again without --resume.",
      });
    yield parsed.data;
  }
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

interface Extent {
  readonly id: number;
  area: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Where the pixels of each class lie and how many there are, by ascending id. */
function extents({ data, width }: IdMask): Extent[] {
  const found = new Map<number, Extent>();
  let [x, y] = [0, 0];
  for (const id of data) {
    const extent = found.get(id);
    if (extent) {
      extent.area++;
      extent.left = Math.min(extent.left, x);
      extent.right = Math.max(extent.right, x);
      extent.bottom = y;
    } else found.set(id, { id, area: 1, left: x, top: y, right: x, bottom: y });
    if (++x === width) [x, y] = [0, y + 1];
  }
  return [...found.values()].toSorted((a, b) => a.id - b.id);
}
