import { type Html, html } from "../html.ts";
import type { Section } from "../section.ts";
import type { RunReport, ShownPrediction } from "../run-report.ts";
import { legend, percent } from "../text.ts";

/** Best, median and worst predictions, each with a slider between truth and prediction. */
export function pictures({ examined, card }: RunReport): Section {
  const [height, width] = card.size;
  const body = html`<p class="quiet">
      The pictures with the lowest, the middle and the highest losses of ${examined.pictures.length}, at their own size;
      their losses and accuracies were measured at ${height}×${width}. Left of the line is the truth, right of it the
      prediction; move it with the mouse, a finger or the arrow keys.
    </p>
    ${controls()}${legend(card)}
    <div class="pairs">${examined.shown.map((shown) => slider(shown))}</div>`;
  return { id: "pictures", title: "Predictions", body, className: "pictures" };
}

/** How strong the masks are, and whether mistakes are shown in their place. */
export function controls(): Html {
  return html`<div class="controls">
    <label
      >Masks <input type="range" class="strength" min="0" max="100" value="50" aria-label="Strength of the masks"
    /></label>
    <label><input type="checkbox" class="only" /> Mistakes only, in red</label>
  </div> `;
}

/** A picture under its masks, the truth left of a line and the prediction right of it. */
export function slider(shown: ShownPrediction, caption?: string): Html {
  const { id, rank, loss, accuracy, width, height } = shown;
  const layers = [
    [shown.picture, "photo"],
    [shown.truth, "mask truth"],
    [shown.prediction, "mask prediction"],
    [shown.mistakes, "mistakes"],
  ] as const;
  return html`<figure class="pair">
    <div class="stack" style="aspect-ratio:${width}/${height}">
      ${layers.map(
        ([source, name]) => html`<img class="${name}" src="${source}" alt="" width="${width}" height="${height}" /> `,
      )}<span class="edge"></span><span class="side left">truth</span><span class="side right">prediction</span>
      <input type="range" min="0" max="100" value="50" aria-label="${id}: share of the picture that shows the truth" />
    </div>
    <figcaption>
      <span class="rank">${caption ?? rank}</span><b>${id}</b> · loss ${loss.toFixed(4)} · accuracy ${percent(accuracy)}
    </figcaption>
  </figure> `;
}
