import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  visit,
} from "yaml";
import { CorruptFileError, messageOf, OversizeError } from "./errors.ts";

/** Characters of a text: what takes time grows with their square. */
const mostCharacters = 2 ** 16;
/** Containers in containers: each is a call in the library, and where the stack ends Node ends. */
const deepest = 32;

/**
 * The value that a YAML text describes, null for an empty one.
 * @throws CorruptFileError for what is no YAML, OversizeError for more than 64 Ki characters or 32 levels. The message says only
 * what is wrong.
 */
export function parseYaml(text: string): unknown {
  if (text.length > mostCharacters)
    throw new OversizeError(`its ${text.length} characters are over the limit of ${mostCharacters}`);
  requireShallowFlow(text);
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  requireShallow(tokens);
  const [document, ...more] = new Composer({ uniqueKeys: false }).compose(tokens);
  if (document === undefined) return null;
  if (more.length > 0) throw new CorruptFileError("it holds more than one document");
  const [fault] = document.errors;
  if (fault) {
    const { line, col } = lines.linePos(fault.pos[0]);
    throw new CorruptFileError(`${fault.message} at line ${line}, column ${col}`, { cause: fault });
  }
  requireDistinctKeys(document);
  try {
    return document.toJS();
  } catch (error) {
    throw new CorruptFileError(messageOf(error), { cause: error });
  }
}

/** Brackets alone, since the parser's time grows with the square of their depth. */
function requireShallowFlow(text: string): void {
  let depth = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") depth++;
    else if (token === "]" || token === "}") depth--;
    if (depth > deepest) throw tooDeep();
  }
}

function requireShallow(tokens: readonly CST.Token[]): void {
  const left = tokens.map((token): [CST.Token, number] => [token, 0]);
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [token, depth] = next;
    if (depth > deepest) throw tooDeep();
    if ("value" in token && typeof token.value === "object") left.push([token.value, depth]);
    if (!("items" in token)) continue;
    for (const item of token.items) for (const part of [item.key, item.value]) if (part) left.push([part, depth + 1]);
  }
}

function tooDeep(): OversizeError {
  return new OversizeError(`it nests deeper than ${deepest} levels`);
}

/** The library compares each key with all others of its map, and makes text of lists and maps that are keys. */
function requireDistinctKeys(document: Document.Parsed | Document): void {
  visit(document, (_, node) => {
    if (!isMap(node)) return;
    const seen = new Set<unknown>();
    for (const { key } of node.items) {
      if (isAlias(key) || isCollection(key)) throw new CorruptFileError("it has a list, a map or an alias as a key");
      const name = isScalar(key) ? key.value : key;
      if (seen.has(name)) throw new CorruptFileError(`it has the key ${String(name)} twice`);
      seen.add(name);
    }
  });
}
