/** Advance widths of Inter's letters from space to tilde, in hundredths of the font size: regular and semi-bold. */
const regular = [
  28, 29, 47, 63, 64, 98, 64, 30, 36, 36, 50, 66, 29, 46, 29, 36, 63, 41, 61, 62, 65, 59, 62, 57, 62, 62, 29, 30, 66,
  66, 66, 51, 97, 69, 65, 73, 72, 60, 59, 75, 74, 27, 57, 67, 57, 90, 75, 76, 64, 76, 64, 64, 65, 74, 69, 99, 68, 68,
  63, 36, 36, 36, 47, 46, 32, 56, 61, 57, 61, 58, 37, 61, 59, 24, 24, 55, 24, 88, 59, 60, 61, 61, 38, 53, 33, 59, 56,
  82, 55, 56, 55, 43, 33, 43, 66,
] as const;

/** How much wider semi-bold is. */
const boldness = 1.03;
/** Of letters that are not in the table: most others are narrower than this. */
const unknown = 75;
/**
 * Of letters that PNG files write in Latin ones, for want of a font: from Hebrew on one or two each, of Chinese, Japanese
 * and Korean ones, from the radicals on, about four.
 */
const transcribed = [
  { from: 0x2e80, width: 220 },
  { from: 0x2000, width: unknown },
  { from: 0x0590, width: 110 },
] as const;

/** The width of a line of text in Inter, in the unit of `size`; without kerning, so a little too wide at times. */
export function textWidth(text: string, size: number, bold = false): number {
  let width = 0;
  for (const letter of text) width += widthOf(letter.codePointAt(0)!);
  return (width * size * (bold ? boldness : 1)) / 100;
}

function widthOf(code: number): number {
  return regular[code - 32] ?? transcribed.find(({ from }) => code >= from)?.width ?? unknown;
}

/** The text, or as much of it as fits into a width, with an ellipsis. */
export function fitText(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  const letters = Array.from(text);
  while (letters.length > 0 && textWidth(`${letters.join("")}…`, size) > width) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}
