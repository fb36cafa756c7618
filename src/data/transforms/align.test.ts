import { expect, test } from "vitest";
import { Random } from "../../util/random.ts";
import { transformImage, transformMask } from "./apply.ts";
import * as t from "./builders.ts";
import { drawTransforms } from "./draw.ts";
import type { ApplyOptions } from "./plan.ts";
import type { TransformKind, TransformSpec } from "./table.ts";

/** A drawing of every kind that moves what it can; a kind without one does not compile. */
const everyKind: { readonly [K in TransformKind]: TransformSpec<K> } = {
  rotate: t.rotate({ degrees: [15, 40] }),
  zoom: t.zoom({ scale: [1.3, 2], rowPct: [0, 1], colPct: [0, 1] }),
  squish: t.squish({ scale: [0.5, 0.8] }),
  flipAffine: t.flipAffine(),
  dihedralAffine: t.dihedralAffine({ k: [1, 7] }),
  zoomSquish: { kind: "zoomSquish", scale: [1, 2], squish: [0.75, 1.33], rowPct: [0, 1], colPct: [0, 1] },
  perspectiveWarp: t.perspectiveWarp({ magnitude: [-0.3, 0.3] }),
  symmetricWarp: t.symmetricWarp({ magnitude: [-0.3, 0.3] }),
  tilt: t.tilt({ magnitude: [0.3, 0.5] }),
  skew: t.skew({ magnitude: [0.3, 0.5] }),
  jitter: t.jitter({ magnitude: 0.1 }),
  brightness: t.brightness({ change: [0.3, 0.4] }),
  contrast: t.contrast({ scale: [1.2, 1.5] }),
  flipLr: t.flipLr(),
  dihedral: t.dihedral({ k: [1, 7] }),
  rgbRandomize: t.rgbRandomize({ channel: 2, thresh: 0.5 }),
  crop: t.crop([13, 9], { rowPct: [0, 1], colPct: [0, 1] }),
  pad: t.pad(30),
  cutout: t.cutout({ nHoles: 3, length: [4, 8], maskClass: 9 }),
  cropPad: t.cropPad({ rowPct: [0, 1], colPct: [0, 1] }),
};

const composites: Readonly<Record<string, readonly TransformSpec[]>> = {
  randZoom: [t.randZoom({ scale: [1, 2] })],
  randCrop: [t.randCrop()],
  randPad: t.randPad(4, 16),
  zoomCrop: t.zoomCrop([1, 2], true),
  randResizeCrop: t.randResizeCrop(16),
  everything: Object.values(everyKind),
};

const lists = { ...composites, ...Object.fromEntries(Object.entries(everyKind).map(([kind, spec]) => [kind, [spec]])) };

/** Eight classes; the picture shows each in a grey of its own, none of them black. */
const [height, width] = [20, 28];
const mask = {
  height,
  width,
  data: Uint8Array.from({ length: height * width }, (_, i) => (i * 3 + Math.floor(i / 5) * 5 + Math.floor(i / 28)) % 8),
};
const image = {
  height,
  width,
  data: Uint8Array.from({ length: 3 * height * width }, (_, i) => 25 + 25 * mask.data[Math.floor(i / 3)]!),
};

const ways: readonly ApplyOptions[] = [
  {},
  { size: [17, 31] },
  { size: 15, paddingMode: "zeros" },
  { size: [30, 20], resizeMethod: "pad", paddingMode: "zeros" },
  { size: [90, 8], resizeMethod: "pad" },
];

test.each(Object.entries(lists))("image and mask stay aligned: %s", (name, transforms) => {
  let moved = 0;
  for (const [i, way] of ways.entries()) {
    for (let seed = 0; seed < 3; seed++) {
      const resolved = drawTransforms(transforms, new Random(seed).split(i));
      // What lies outside is black, and class 9; so are holes.
      const options: ApplyOptions = { ...way, mode: "nearest", padClass: 9 };
      const { data, ...size } = transformImage(image, resolved, options);
      const ids = transformMask(mask, resolved, options);
      expect({ height: ids.height, width: ids.width }).toEqual(size);
      const colours = new Map<number, number>([]);
      for (const [at, id] of ids.data.entries()) {
        // The red channel: noise only comes to the blue one. Lighting changes greys, but each class keeps one.
        const grey = data[at]!;
        if (!colours.has(id)) colours.set(id, grey);
        if (Math.abs(colours.get(id)! - grey) > 1e-6)
          throw new Error(`class ${id} has greys ${colours.get(id)}, ${grey}`);
      }
      const greys = [...colours.values()].map((grey) => grey.toFixed(4));
      expect(new Set(greys).size).toBe(colours.size);
      expect(colours.size).toBeGreaterThan(4);
      if (colours.has(9)) expect(colours.get(9)).toBeLessThan(1e-3);
      const plain = transformMask(mask, [], options);
      if (plain.data.join() !== ids.data.join()) moved++;
    }
  }
  const still = ["brightness", "contrast", "rgbRandomize"];
  if (still.includes(name)) expect(moved).toBe(0);
  else expect(moved).toBeGreaterThan(1);
});
