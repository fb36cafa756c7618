/** Whether a plot is drawn dark on light or light on dark. */
export type Theme = "light" | "dark";

/** What every plot takes beside its numbers. */
export interface PlotOptions {
  /** Default "light". */
  readonly theme?: Theme;
}

/** The colours of a theme, as CSS writes them. */
export interface ThemeColours {
  readonly background: string;
  readonly text: string;
  /** Of what is there only to be found: tick labels, second lines. */
  readonly quiet: string;
  readonly grid: string;
  /** Of lines and bars, in this order; told apart by colour-blind eyes too (Okabe and Ito 2008). */
  readonly series: readonly [string, string, ...string[]];
  /** Of a heat map, from nothing to everything: one hue, so that it reads in grey too. */
  readonly heat: readonly string[];
  /** Of text on the upper part of the heat map, and the share from which it reads better there than `text`. */
  readonly onHeat: { readonly colour: string; readonly from: number };
}

export const themes: Readonly<Record<Theme, ThemeColours>> = {
  light: {
    background: "#ffffff",
    text: "#1b1f24",
    quiet: "#59636e",
    grid: "#e4e8ec",
    series: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"],
    heat: ["#f6f9fc", "#cfe1f2", "#93c3df", "#4b97c9", "#1864aa", "#08306b"],
    onHeat: { colour: "#ffffff", from: 0.66 },
  },
  dark: {
    background: "#16191d",
    text: "#eceff2",
    quiet: "#a3adb8",
    grid: "#2c3238",
    series: ["#56b4e9", "#e69f00", "#2bbf94", "#e39cc4", "#f0e442", "#8c9eff"],
    heat: ["#1b2026", "#15314f", "#1d5180", "#2f7bb3", "#69b1dc", "#c9e6f8"],
    onHeat: { colour: "#16191d", from: 0.6 },
  },
};

/** Fonts of all text; PNG files are drawn with the first, which segkit brings along. */
export const fontFamily = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
