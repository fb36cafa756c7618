import { expect, test } from "vitest";
import { cocoDocument } from "./coco.ts";
import { predictionOf } from "./format.ts";
import { polygons } from "./polygons.ts";
import { rle } from "./rle.ts";

const names = { classes: ["sky", "road"], palette: [] };
const picture = (file: string, ...ids: readonly number[]) => {
  const size = { height: 2, width: ids.length / 2 };
  const mask = { ...size, data: Uint8Array.from(ids) };
  return predictionOf({ image: { ...size, data: new Uint8Array(3 * ids.length) }, mask }, file, names);
};

async function documentOf(...parts: readonly string[]): Promise<string> {
  let text = "";
  const read = async function* (): AsyncGenerator<string> {
    yield* parts;
  };
  for await (const chunk of cocoDocument(read, names)) text += chunk;
  return text;
}

test("an annotation for every class of a picture, ids from 1", async () => {
  const text = await documentOf(
    rle.encode(picture("a.jpg", 0, 1, 1, 0, 0, 1)) as string,
    rle.encode(picture("b.jpg", 1, 1)) as string,
  );
  expect(text).toMatchInlineSnapshot(`
    "{"info":{"description":"predicted by segkit"},"licenses":[],"categories":[{"id":0,"name":"sky"},{"id":1,"name":"road"}],"images":[
    {"id":1,"file_name":"a.jpg","height":2,"width":3},
    {"id":2,"file_name":"b.jpg","height":2,"width":1}],"annotations":[
    {"id":1,"image_id":1,"category_id":0,"segmentation":{"size":[2,3],"counts":"021O1"},"area":3,"bbox":[0,0,2,2],"iscrowd":0},
    {"id":2,"image_id":1,"category_id":1,"segmentation":{"size":[2,3],"counts":"2111"},"area":3,"bbox":[1,0,2,2],"iscrowd":0},
    {"id":3,"image_id":2,"category_id":1,"segmentation":{"size":[2,1],"counts":"02"},"area":2,"bbox":[0,0,1,2],"iscrowd":0}]}
    "
  `);
});

test("polygons of a class are those of its regions", async () => {
  const { annotations } = JSON.parse(
    await documentOf(polygons.encode(picture("a.jpg", 0, 1, 1, 0, 0, 1)) as string),
  ) as {
    annotations: readonly { readonly segmentation: unknown }[];
  };
  expect(annotations.map(({ segmentation }) => JSON.stringify(segmentation))).toMatchInlineSnapshot(`
    [
      "[[0,0,1,0,1,1,2,1,2,2,0,2]]",
      "[[1,0,3,0,3,2,2,2,2,1,1,1]]",
    ]
  `);
});

test("without pictures it is empty", async () => {
  expect(JSON.parse(await documentOf())).toMatchObject({ images: [], annotations: [], categories: [{}, {}] });
});

test("a damaged part is named", async () => {
  await expect(documentOf("{")).rejects.toThrowErrorMatchingInlineSnapshot(
    `[CorruptFileError: predict: what was kept of a finished picture is damaged]`,
  );
  await expect(documentOf('{"image":{}}')).rejects.toMatchObject({ exitCode: 7 });
});
