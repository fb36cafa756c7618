import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** The font of all text, which comes with segkit, in the weights that are used. */
const files = { 400: "400Regular/Inter_400Regular.ttf", 600: "600SemiBold/Inter_600SemiBold.ttf" } as const;

export type InterWeight = keyof typeof files;

export const interWeights = [400, 600] as const satisfies readonly InterWeight[];

const read = new Map<InterWeight, Promise<Buffer>>();
let letters: Promise<ReadonlySet<number>> | undefined;

/** Inter as a TrueType file, read once. */
export function inter(weight: InterWeight): Promise<Buffer> {
  const { resolve } = createRequire(import.meta.url);
  const file = read.get(weight) ?? readFile(resolve(`@expo-google-fonts/inter/${files[weight]}`));
  read.set(weight, file);
  return file;
}

/** The code points that Inter has letters for: Latin, Greek and Cyrillic ones, and signs. */
export function interLetters(): Promise<ReadonlySet<number>> {
  return (letters ??= readLetters());
}

async function readLetters(): Promise<ReadonlySet<number>> {
  const [{ Blob, Face }, font] = await Promise.all([import("harfbuzzjs"), inter(400)]);
  return new Set(new Face(new Blob(font)).collectUnicodes());
}
