import { type CheckedSource, type Pair, type Side, sideNames, sides } from "../data/check/pairs.ts";
import { decodeImage, decodeMask } from "../data/decode.node.ts";
import { sameSize } from "../data/image.ts";
import type { Palette } from "../data/palette.ts";
import { everyColour } from "../train/show-pictures.ts";
import { type Html, html } from "./html.ts";
import { drawPair, type ShownPair } from "./shown-prediction.node.ts";
import { legend } from "./text.ts";

/** Pictures shown of each list, of training a row more. */
const shown = { train: 6, valid: 3, test: 3 } as const satisfies Record<Side, number>;
/** Tried for each that is shown: others may be damaged. */
const tries = 3;
const widest = 480;

interface Sample extends ShownPair {
  readonly name: string;
  readonly side: Side;
}

/** A few pictures of every list under the colours of their masks, with a legend; nothing where none can be read. */
export async function samples(source: CheckedSource, classes: readonly string[], palette: Palette): Promise<Html> {
  const drawn: Sample[] = [];
  for (const side of sides) drawn.push(...(await samplesOf(source, side, palette)));
  if (drawn.length === 0) return html`<p>No picture with its mask can be read.</p>`;
  return html`<div class="controls">
      <label
        >Masks <input type="range" class="strength" min="0" max="100" value="50" aria-label="Strength of the masks"
      /></label>
    </div>
    ${legend({ classes, palette })}
    <div class="pairs">${drawn.map(figure)}</div>`;
}

async function samplesOf({ pairs, masks }: CheckedSource, side: Side, palette: Palette): Promise<Sample[]> {
  const list = pairs.filter((pair) => pair.side === side && pair.mask !== null);
  const count = Math.min(shown[side], list.length);
  const found: Sample[] = [];
  for (let i = 0; i < count; i++)
    for (let next = 0; next < tries; next++) {
      const pair = list[Math.floor(((i + next / tries) * list.length) / count)]!;
      const drawn = await draw(pair, masks, palette).catch(() => null);
      if (drawn === null || found.some(({ name }) => name === pair.image.name)) continue;
      found.push({ ...drawn, name: pair.image.name, side });
      break;
    }
  return found;
}

/** Null where picture and mask do not fit; throws where one cannot be read. */
async function draw({ image, mask }: Pair, masks: CheckedSource["masks"], palette: Palette): Promise<ShownPair | null> {
  const [picture, ids] = [await decodeImage(image.path), await decodeMask(mask!.path, { masks })];
  return sameSize(picture, ids) ? drawPair(picture, ids, everyColour(palette), widest) : null;
}

function figure({ name, side, picture, mask, width, height }: Sample): Html {
  return html`<figure class="pair">
    <div class="stack" style="aspect-ratio:${width}/${height}">
      <img class="photo" src="${picture}" alt="${name}" width="${width}" height="${height}" />
      <img class="mask" src="${mask}" alt="" width="${width}" height="${height}" />
    </div>
    <figcaption><span class="rank">${sideNames[side]}</span>${name}</figcaption>
  </figure> `;
}
