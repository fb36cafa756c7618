import { scaleLinear } from "d3-scale";
import { find } from "../dom.ts";
import type { EpochRow } from "./protocol.ts";

/** What a loss chart shows. */
export interface ShownLosses {
  /** Smoothed training loss of every step so far. */
  readonly losses: readonly number[];
  readonly epochs: readonly EpochRow[];
  readonly stepsPerEpoch: number;
  /** Epochs that it has room for. */
  readonly totalEpochs: number;
}

const [height, left, right, top, bottom] = [230, 40, 14, 10, 26];
/** No more points of a line than this are drawn: more cannot be seen. */
const most = 600;

/** Training and validation loss over the epochs, while they come. */
export class LossChart {
  readonly #svg: SVGSVGElement;
  #shown: ShownLosses | undefined;
  #isWaiting = false;

  constructor(root: HTMLElement) {
    this.#svg = find(
      root,
      ".loss-chart",
      SVGSVGElement as unknown as new () => HTMLElement,
    ) as unknown as SVGSVGElement;
    new ResizeObserver(() => this.#draw()).observe(this.#svg);
  }

  /** Shows losses, with the next picture of the screen. */
  show(shown: ShownLosses): void {
    this.#shown = shown;
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    requestAnimationFrame(() => {
      this.#isWaiting = false;
      this.#draw();
    });
  }

  #draw(): void {
    const width = this.#svg.clientWidth;
    if (!this.#shown || width === 0) return;
    const { losses, epochs, stepsPerEpoch, totalEpochs } = this.#shown;
    const x = scaleLinear([0, totalEpochs], [left, width - right]);
    // What an untrained network makes of a validation set may be out of all proportion: it is cut off.
    const highest = losses.length > 0 ? losses.reduce((a, b) => Math.max(a, b), 0.5) : 2.5;
    const y = scaleLinear([0, 1.2 * highest], [height - bottom, top]).nice(5);
    const xTicks = x.ticks(Math.min(totalEpochs, Math.max(width / 60, 2))).filter((tick) => Number.isInteger(tick));
    const place = (epoch: number, loss: number): string => `${x(epoch).toFixed(1)},${y(loss).toFixed(1)}`;
    const step = Math.ceil(losses.length / most);
    const line = losses
      .map((loss, i) => ({ loss, epoch: (i + 1) / stepsPerEpoch, isDrawn: i % step === 0 || i === losses.length - 1 }))
      .filter(({ isDrawn }) => isDrawn);
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#svg.replaceChildren(
      ...y
        .ticks(5)
        .flatMap((tick) => [
          shape("line", { class: "grid", x1: left, x2: width - right, y1: y(tick), y2: y(tick) }),
          label(y.tickFormat(5)(tick), { x: left - 8, y: y(tick) + 4, "text-anchor": "end" }),
        ]),
      ...xTicks.map((tick) => label(String(tick), { x: x(tick), y: height - 8, "text-anchor": "middle" })),
      shape("polyline", { class: "training", points: line.map(({ epoch, loss }) => place(epoch, loss)).join(" ") }),
      shape("polyline", {
        class: "validation",
        points: epochs.map(({ epoch, validLoss }) => place(epoch, validLoss)).join(" "),
      }),
      ...epochs.map(({ epoch, validLoss }) =>
        shape("circle", { class: "validation", cx: x(epoch), cy: y(validLoss), r: 3.5 }),
      ),
    );
    this.#svg.setAttribute("aria-label", inWords(this.#shown));
  }
}

/** What the chart shows, for those who do not see it. */
function inWords({ losses, epochs }: ShownLosses): string {
  const [first, last, latest] = [losses[0], losses.at(-1), epochs.at(-1)];
  if (first === undefined || last === undefined) return "No loss yet";
  const validation = latest ? `, validation loss ${latest.validLoss.toFixed(2)} after epoch ${latest.epoch}` : "";
  return `Training loss from ${first.toFixed(2)} to ${last.toFixed(2)} in ${losses.length} steps${validation}`;
}

function shape(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function label(text: string, place: Readonly<Record<string, string | number>>): SVGElement {
  const made = shape("text", place);
  made.textContent = text;
  return made;
}
