import { ConfigError } from "../util/errors.ts";

/** What test-time augmentation sees of a picture. */
export interface TtaOptions {
  /** Whether each picture is also seen mirrored, left and right exchanged; default true. */
  readonly flip?: boolean;
  /** Sizes at which a picture is seen, as factors of its own; default 1 and 1.35, fastai's zoom. */
  readonly scales?: readonly number[];
  /** The weight of the picture as it is, the other views sharing the rest evenly; default 0.4, as in fastai. */
  readonly beta?: number;
}

/** One look at a picture: mirrored or not, at a factor of its size, and how much it counts. */
export interface View {
  readonly flip: boolean;
  readonly scale: number;
  readonly weight: number;
}

/**
 * The views of a picture, their weights adding up to 1.
 * @throws ConfigError for scales that are none or not above 0, and for a beta outside [0, 1].
 */
export function viewsOf({ flip = true, scales = [1, 1.35], beta = 0.4 }: TtaOptions): View[] {
  const bad = scales.find((scale) => !(scale > 0 && scale < Infinity));
  if (bad !== undefined || scales.length === 0)
    throw new ConfigError(`tta: expected scales above 0, but received ${bad ?? "none"}`, {
      hint: "Give factors of the picture's size, such as [1, 1.35].",
    });
  if (!(beta >= 0 && beta <= 1))
    throw new ConfigError(`tta: beta: expected a share from 0 to 1, but received ${beta}`, {
      hint: "It is the weight of the picture as it is; 0.4 is fastai's.",
    });
  const others = [...new Set([1, ...scales])]
    .flatMap((scale) => (flip ? [false, true] : [false]).map((mirror) => ({ flip: mirror, scale })))
    .filter((view) => scales.includes(view.scale) && (view.flip || view.scale !== 1));
  const plain = { flip: false, scale: 1, weight: others.length === 0 ? 1 : beta };
  const views = [plain, ...others.map((view) => ({ ...view, weight: (1 - beta) / others.length }))];
  return views.filter(({ weight }) => weight > 0);
}
