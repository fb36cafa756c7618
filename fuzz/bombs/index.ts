import { archiveBombs } from "./archives.ts";
import type { Bombs } from "./bomb.ts";
import { onnxBombs } from "./onnx.ts";
import { pictureBombs } from "./pictures.ts";
import { textBombs } from "./texts.ts";
import { weightBombs } from "./weights.ts";

/** Every file that is made to do harm, by what it is. */
export const allBombs: Bombs = { ...pictureBombs, ...textBombs, ...weightBombs, ...onnxBombs, ...archiveBombs };
