import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Random } from "../../src/util/random.ts";
import { scene, tempFolder, writeGreyMask, writePicture } from "./dataset.ts";

/** CamVid's classes in the order of their ids; Void is 30, not the last. */
export const camvidClasses: readonly string[] = (
  "Animal Archway Bicyclist Bridge Building Car CartLuggagePram Child Column_Pole Fence LaneMkgsDriv LaneMkgsNonDriv " +
  "Misc_Text MotorcycleScooter OtherMoving ParkingBlock Pedestrian Road RoadShoulder Sidewalk SignSymbol Sky " +
  "SUVPickupTruck TrafficCone TrafficLight Train Tree Truck_Bus Tunnel VegetationMisc Void Wall"
).split(" ");

/**
 * A folder as the archive of fastai's CamVid holds it, with a few small pictures: names of three videos, masks named
 * `_P`, codes.txt without a line break at its end, and valid.txt only if asked for.
 */
export async function writeCamvid({ frames = 10, valid = true } = {}): Promise<string> {
  const root = await tempFolder();
  const names = Array.from({ length: frames }, (_, i) => `${["0001TP", "0016E5", "Seq05VD"][i % 3]}_${7959 + i}`);
  for (const folder of ["images", "labels"]) await mkdir(join(root, folder));
  for (const [i, name] of names.entries()) {
    const { image, mask } = scene(24, 32, camvidClasses.length, new Random(7).split(i));
    await writePicture(join(root, "images", `${name}.png`), image);
    await writeGreyMask(join(root, "labels", `${name}_P.png`), mask);
  }
  await writeFile(join(root, "codes.txt"), camvidClasses.join("\n"));
  const listed = names.filter((name) => name.startsWith("0016E5")).map((name) => `${name}.png`);
  if (valid) await writeFile(join(root, "valid.txt"), listed.join("\n"));
  return root;
}
