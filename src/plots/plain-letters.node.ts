import anyAscii from "any-ascii";
import { interLetters } from "./inter.node.ts";

/**
 * An SVG file's text with Latin letters in the place of those that Inter lacks, such as Chinese ones: where no other font
 * is at hand, they would be boxes.
 */
export async function plainLetters(svg: string): Promise<string> {
  if (!/[^\u0000-\u007f]/.test(svg)) return svg; // oxlint-disable-line no-control-regex
  const known = await interLetters();
  // oxlint-disable-next-line no-control-regex
  return svg.replaceAll(/[^\u0000-\u007f]/gu, (letter) =>
    known.has(letter.codePointAt(0)!) ? letter : escaped(anyAscii(letter)),
  );
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);
}
