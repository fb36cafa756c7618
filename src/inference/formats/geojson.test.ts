import { expect, test } from "vitest";
import { predictionOf } from "./format.ts";
import { geojson } from "./geojson.ts";
import { yolo } from "./yolo.ts";

const size = { height: 3, width: 4 };
const mask = { ...size, data: Uint8Array.of(1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0) };
const image = { ...size, data: new Uint8Array(36) };
const prediction = predictionOf({ image, mask }, "a.jpg", { classes: ["sky", "road"], palette: [] });

test("a feature for every region, its rings closed", () => {
  const text = geojson.encode(prediction) as string;
  expect(text.replaceAll('{"type":"Feature"', '\n{"type":"Feature"')).toMatchInlineSnapshot(`
    "{"type":"FeatureCollection","picture":"a.jpg","height":3,"width":4,"unit":"pixel","features":[
    {"type":"Feature","properties":{"class":1,"name":"road","area":8},"geometry":{"type":"Polygon","coordinates":[[[0,0],[3,0],[3,3],[0,3],[0,0]],[[1,2],[2,2],[2,1],[1,1],[1,2]]]}},
    {"type":"Feature","properties":{"class":0,"name":"sky","area":3},"geometry":{"type":"Polygon","coordinates":[[[3,0],[4,0],[4,3],[3,3],[3,0]]]}},
    {"type":"Feature","properties":{"class":0,"name":"sky","area":1},"geometry":{"type":"Polygon","coordinates":[[[1,1],[2,1],[2,2],[1,2],[1,1]]]}}]}
    "
  `);
});

test("a line of shares for every region, its hole joined by a slit", () => {
  expect(yolo.encode(prediction)).toMatchInlineSnapshot(`
    "1 0 0 0.25 0 0.25 0.333333 0.25 0.666667 0.5 0.666667 0.5 0.333333 0.25 0.333333 0.25 0 0.75 0 0.75 1 0 1
    0 0.75 0 1 0 1 1 0.75 1
    0 0.25 0.333333 0.5 0.333333 0.5 0.666667 0.25 0.666667
    "
  `);
});
