/** @file One suite over every format: what it writes says the same as the mask. */
import { decode } from "fast-png";
import sharp from "sharp";
import { expect, test } from "vitest";
import { decodeCocoRle } from "../../data/coco-rle.ts";
import { parseCsv } from "../../data/csv.ts";
import { fillRings } from "../../data/fill-rings.ts";
import { decodeMaskPng } from "../../data/mask-png.ts";
import { overlay } from "../../data/overlay.ts";
import { decodeUtf8 } from "../../util/utf8.ts";
import { type Contents, predictionOf } from "./format.ts";
import { type PredictionFormatName, predictionFormats } from "./index.node.ts";

const names = {
  classes: ["sky", "road", 'a "b", c'],
  palette: [[9, 8, 7] as const, [250, 0, 0] as const, [0, 0, 250] as const],
};
const [height, width] = [3, 4];
/** A picture whose class 1 has a hole, and its mask. */
const mask = {
  ...{ height, width, data: Uint8Array.of(1, 1, 1, 0, 1, 2, 1, 0, 1, 1, 1, 2) },
  probabilities: Float32Array.from({ length: 36 }, (_, i) => i / 36),
};
const image = { height, width, data: Uint8Array.from({ length: 36 }, (_, i) => 7 * i) };
const prediction = predictionOf({ image, mask }, "street/1.jpg", names);

const bytes = (contents: Contents): Uint8Array => contents as Uint8Array;

/** What the regions of classes, each filled by its rings, are as a mask. */
function painted(regions: readonly (readonly [id: number, rings: readonly (readonly number[])[]])[]): Uint8Array {
  const data = new Uint8Array(height * width).fill(255);
  for (const [id, rings] of regions)
    for (const [i, inside] of fillRings(rings, mask).data.entries()) if (inside) data[i] = id;
  return data;
}

interface CocoFile {
  readonly annotations: readonly { readonly category_id: number; readonly segmentation: never }[];
}

/** The class ids of what a format wrote; null where it does not hold them all. */
const readBack: Record<
  PredictionFormatName,
  (contents: Contents) => Promise<ArrayLike<number> | null> | ArrayLike<number> | null
> = {
  masks: (contents) => decodeMaskPng(bytes(contents), "mask").data,
  overlays: async (contents) => {
    const { data } = await sharp(bytes(contents)).raw().toBuffer({ resolveWithObject: true });
    expect(new Uint8Array(data)).toEqual(overlay(image, mask, names.palette).data);
    return null;
  },
  probabilities: (contents) => {
    expect(decodeUtf8(bytes(contents).subarray(10, 128))).toContain("'shape': (3, 3, 4)");
    expect(new Float32Array(bytes(contents).slice(128).buffer)).toEqual(mask.probabilities);
    return null;
  },
  rle: (contents) => {
    const data = new Uint8Array(height * width).fill(255);
    for (const { category_id: id, segmentation } of (JSON.parse(contents as string) as CocoFile).annotations)
      for (const [i, inside] of decodeCocoRle(segmentation).data.entries()) if (inside) data[i] = id;
    return data;
  },
  polygons: (contents) => {
    const { annotations } = JSON.parse(contents as string) as CocoFile;
    return painted(
      annotations.flatMap(({ category_id: id, segmentation }) =>
        (segmentation as number[][]).map((ring) => [id, [ring]] as const),
      ),
    );
  },
  geojson: (contents) => {
    type Feature = { properties: { class: number }; geometry: { coordinates: [number, number][][] } };
    const { features } = JSON.parse(contents as string) as { features: Feature[] };
    return painted(
      features.map(({ properties, geometry }) => [properties.class, geometry.coordinates.map((ring) => ring.flat())]),
    );
  },
  yolo: (contents) =>
    painted(
      (contents as string)
        .trim()
        .split("\n")
        .map((line) => {
          const [id = NaN, ...corners] = line.split(" ").map(Number);
          return [id, [corners.map((share, i) => share * (i % 2 ? height : width))]];
        }),
    ),
  areas: (contents) => {
    const rows = parseCsv(contents as string, "areas", { header: ["picture", "class", "name", "pixels", "share"] });
    expect(rows).toEqual([
      { picture: "street/1.jpg", class: "0", name: "sky", pixels: "2", share: "0.166667" },
      { picture: "street/1.jpg", class: "1", name: "road", pixels: "8", share: "0.666667" },
      { picture: "street/1.jpg", class: "2", name: 'a "b", c', pixels: "2", share: "0.166667" },
    ]);
    return null;
  },
};

const formats = Object.entries(predictionFormats) as [PredictionFormatName, (typeof predictionFormats)["masks"]][];

test.each(formats)("%s gives back the mask", async (name, format) => {
  const ids = await readBack[name](await format.encode(prediction));
  if (ids !== null) expect([...Array.from(ids)]).toEqual([...mask.data]);
});

test.each(formats.filter(([, { encodeStrips }]) => encodeStrips))(
  "%s made strip by strip gives back the mask",
  async (name, { encodeStrips }) => {
    const strips = async function* () {
      for (let y = 0; y < height; y++) {
        const row = { height: 1, width };
        const [pixels, ids] = [image.data.slice(12 * y, 12 * (y + 1)), mask.data.slice(4 * y, 4 * (y + 1))];
        yield { image: { ...row, data: pixels }, mask: { ...row, data: ids } };
      }
    };
    const chunks: Contents[] = [];
    for await (const chunk of encodeStrips!({ ...names, height, width, picture: "street/1.jpg", strips }))
      chunks.push(chunk);
    const whole = chunks.map((chunk) => (typeof chunk === "string" ? Buffer.from(chunk) : chunk));
    const contents = typeof chunks[0] === "string" ? chunks.join("") : Buffer.concat(whole);
    const ids = await readBack[name](contents);
    if (ids !== null) expect([...Array.from(ids)]).toEqual([...mask.data]);
  },
);

test("no two formats write the same file", () => {
  const files = formats.map(([, { suffix, document }]) => document?.file ?? suffix);
  expect(new Set(files).size).toBe(files.length);
  for (const [, { suffix }] of formats) expect(suffix).toMatch(/^(_[a-z]+)?\.[a-z]+$/);
});

test.each(formats.filter(([, { document }]) => document))("%s puts pictures together", async (_, format) => {
  const encoded = (await format.encode(prediction)) as string;
  async function* parts(): AsyncGenerator<string> {
    yield encoded;
    yield encoded.replaceAll("street/1.jpg", "street/2.jpg");
  }
  let text = "";
  for await (const chunk of format.document!.chunks(parts, names)) text += chunk;
  for (const picture of ["street/1.jpg", "street/2.jpg"]) expect(text).toContain(picture);
  expect(text.endsWith("\n")).toBe(true);
});

test("a mask is a palette PNG", () => {
  expect(decode(predictionFormats.masks.encode(prediction) as Uint8Array).palette).toHaveLength(3);
});
