import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import type { PredictionFormatName } from "../inference/formats/index.node.ts";
import { PredictionFolder, type PredictionFolderOptions } from "./prediction-folder.ts";
import { framesFileOf, type Prediction } from "./predictions.ts";

const record = { model: "the best weights of runs/a", sha256: "0123456789abcdef", tta: false };
const names = { classes: ["sky", "road"], palette: [] };
const formats: PredictionFormatName[] = ["masks", "areas"];
const picture: Prediction = { file: "1.png", path: "1.png", name: "1", video: false };
const clip: Prediction = { file: "clip.mp4", path: "clip.mp4", name: "clip", video: true };

let out: string;
beforeEach(async () => {
  out = join(await tempFolder(), "out");
});

const open = (options: Partial<PredictionFolderOptions> = {}, other = {}): Promise<PredictionFolder> =>
  PredictionFolder.open(out, { ...record, ...other }, { resume: false, ...options });

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

test("resumed, it knows what is finished, and clears away what was being written", async () => {
  const first = await open({ resume: true });
  await first.begin([picture], formats);
  await first.write("1.png", "mask");
  await writeFile(join(out, "2.png.0123abcd.tmp"), "half");
  expect(await first.missing("1", formats)).toEqual(formats);

  const second = await open({ resume: true });
  await second.begin([picture], formats);
  expect(await second.missing("1", formats)).toEqual(["areas"]);
  expect(await second.missing("2", formats)).toEqual(formats);
  expect(await filesIn(out)).toEqual(["1.png", "predict.json"]);
});

test("not resumed, it removes what it will write anew, and nothing else", async () => {
  const first = await open();
  await first.begin([picture, clip], formats);
  for (const file of ["1.png", "1_overlay.png", "notes.txt", "clip/000001.png", "clip/mine.png", framesFileOf("clip")])
    await first.write(file, "");
  await first.write(".parts/clip/000002_areas.csv", "");
  await (await open()).begin([picture, clip], formats);
  expect(await filesIn(out)).toEqual(["1_overlay.png", "clip/mine.png", "notes.txt", "predict.json"]);
});

test("what other weights predicted is not continued", async () => {
  await (await open()).begin([picture], formats);
  await expect(open({ resume: true }, { sha256: "fedcba9876543210" })).rejects.toMatchObject({
    exitCode: 2,
    message: `predict: what is in ${out} was made with the best weights of runs/a (01234567), not the best weights of runs/a (fedcba98)`,
  });
  await expect(open({ resume: true }, { tta: true })).rejects.toThrow(
    "not the best weights of runs/a (01234567) and --tta",
  );
  await expect(open({ resume: true }, { model: "elsewhere" })).resolves.toBeDefined();
  await writeFile(join(out, "predict.json"), "{");
  await expect(open({ resume: true })).rejects.toMatchObject({ exitCode: 7 });
});

test("a document has the parts that there are; a shard's has its own name", async () => {
  const folder = await open({ shard: { index: 2, count: 4 } });
  await folder.write(".parts/b_areas.csv", "b,0\n");
  await folder.write(".parts/a_areas.csv", "a,0\n");
  const path = await folder.gather("areas", ["a", "missing", "b"], names);
  expect(path).toBe(join(out, "areas-2-of-4.csv"));
  expect(await readFile(path!, "utf8")).toBe("picture,class,name,pixels,share\na,0\nb,0\n");
  expect(await folder.gather("masks", ["a"], names)).toBeNull();
});

test("skipped.csv lists what could not be read, while there is something", async () => {
  await mkdir(out);
  const folder = await open();
  const path = await folder.writeSkipped([{ file: "a,b.jpg", reason: "it is damaged" }]);
  expect(await readFile(path!, "utf8")).toBe('picture,reason\n"a,b.jpg",it is damaged\n');
  expect(await folder.writeSkipped([])).toBeNull();
  expect(await filesIn(out)).toEqual([]);
});
