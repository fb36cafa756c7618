/** Levels of lists and objects in each other; nothing that segkit reads has as many. */
const deepest = 32;

const [quote, backslash, bracket, brace] = [0x22, 0x5c, 0x5b, 0x7b];
/** From an opening bracket or brace to the closing one. */
const closing = 2;

/**
 * The value of a JSON text. Throws a SyntaxError for what is no JSON and for what nests deeper than 32 levels, before it is parsed:
 * a million lists in each other take hundreds of megabytes.
 */
export function parseJson(text: string): unknown {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) inText = !inText;
    else if (code === backslash) i++;
    else if (inText) continue;
    else if (code === bracket || code === brace) {
      if (++depth > deepest) throw new SyntaxError(`it nests deeper than ${deepest} levels`);
    } else if (code === bracket + closing || code === brace + closing) depth--;
  }
  return JSON.parse(text);
}
