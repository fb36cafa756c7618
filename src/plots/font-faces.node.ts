import { inter, interLetters, interWeights } from "./inter.node.ts";

/** Letters that every document brings along: of most plots it needs no others. */
const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");

/** Kerning, and digits of one width for tables. */
const keepFeatures = ["kern", "tnum"];

const made = new Map<string, Promise<string>>();

/**
 * Style rules that bring along the font of a document's text, as far as it has the letters: so it looks the same on a
 * machine without fonts. About 22 kB for ASCII. Other letters are drawn with the reader's fonts.
 * @param text the document, with or without its markup.
 */
export async function fontFaces(text: string): Promise<string> {
  const known = await interLetters();
  const others = [...new Set(text)].filter((letter) => letter > "~" && known.has(letter.codePointAt(0)!)).toSorted();
  const letters = ascii + others.join("");
  const rules = made.get(letters) ?? rulesFor(letters);
  made.set(letters, rules);
  return rules;
}

async function rulesFor(letters: string): Promise<string> {
  // Loaded when it is needed: compressing takes half a second.
  const { default: subsetFont } = await import("subset-font");
  const rules = interWeights.map(async (weight) => {
    const font = await subsetFont(await inter(weight), letters, { targetFormat: "woff2", keepFeatures });
    const url = `data:font/woff2;base64,${font.toString("base64")}`;
    return `@font-face{font-family:Inter;font-weight:${weight};src:url(${url}) format("woff2")}`;
  });
  return (await Promise.all(rules)).join("\n");
}

/** An SVG file's text with the font of its letters inside. */
export async function withFonts(svg: string): Promise<string> {
  const rules = await fontFaces(svg);
  return svg.replace(/<svg\b[^>]*>/, (start) => `${start}<style>${rules}</style>`);
}
